/**
 * The text of a free-form call while its JSON arguments arrive: `{"input": "…"}` in pieces. It reads each character
 * once. The text is for people; the call itself gets its input from the complete arguments (chat-tools.ts).
 */

const HEAD = /^\s*\{\s*"input"\s*:\s*"/;
/** Arguments that have not begun so far are another object. */
const HEAD_LIMIT = 200;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

export class FreeFormText {
  #state: 'head' | 'plain' | 'inside' | 'over' = 'head';
  #head = '';
  /** An escape sequence that is not complete. */
  #escape = '';

  /** The text that this piece adds. */
  push(piece: string): string {
    if (this.#state === 'plain') return piece;
    if (this.#state === 'over') return '';
    return this.#state === 'head' ? this.#begin(piece) : this.#inside(piece);
  }

  #begin(piece: string): string {
    this.#head += piece;
    const head = HEAD.exec(this.#head)?.[0];
    if (head !== undefined) {
      this.#state = 'inside';
      return this.#inside(this.#head.slice(head.length));
    }
    const first = this.#head.trimStart()[0];
    if (first !== undefined && first !== '{') {
      // A model that does not keep to the schema writes the input itself.
      this.#state = 'plain';
      return this.#head;
    }
    if (this.#head.length > HEAD_LIMIT) this.#state = 'over';
    return '';
  }

  #inside(piece: string): string {
    let text = '';
    for (const character of piece) {
      if (this.#escape !== '') text += this.#escaped(character);
      else if (character === '\\') this.#escape = character;
      else if (character === '"') {
        this.#state = 'over';
        return text;
      } else text += character;
    }
    return text;
  }

  #escaped(character: string): string {
    const escape = this.#escape + character;
    if (escape.startsWith('\\u') && escape.length < UNICODE_LENGTH) {
      this.#escape = escape;
      return '';
    }
    this.#escape = '';
    return escape.startsWith('\\u')
      ? String.fromCharCode(Number.parseInt(escape.slice(2), 16))
      : (ESCAPES[character] ?? character);
  }
}

const UNICODE_LENGTH = '\\u0000'.length;
