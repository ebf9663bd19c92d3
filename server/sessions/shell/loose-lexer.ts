/**
 * Splits a script into all parts that may be commands, without quotes and escapes. It follows bash but accepts more:
 * blocks, loops, functions and subshells are split at their brackets, and redirections are omitted.
 *
 * Threat: a script that makes the daemon slow. Rule: one pass; every character is examined a bounded number of times.
 * Non-scope: expansion of variables, globs and arithmetic.
 */

export interface LooseCommand {
  readonly words: readonly string[];
  /** Input of the command in the script: here-documents and here-strings. */
  readonly texts: readonly string[];
}

export interface LooseScript {
  readonly commands: readonly LooseCommand[];
  /** The scripts in substitutions: `$(…)`, backticks, `<(…)`. */
  readonly nested: readonly string[];
}

/** Never throws; a quote without an end continues to the end of the text. */
export function lexScript(text: string): LooseScript {
  const lexer = new Lexer(text.replaceAll('\\\n', ''));
  lexer.run();
  return lexer;
}

/** The effect of a redirection on the word after it. */
type Pending = 'drop' | 'text' | 'heredoc' | null;

class Lexer implements LooseScript {
  readonly commands: { words: string[]; texts: string[] }[] = [];
  readonly nested: string[] = [];
  readonly #text: string;
  #at = 0;
  #current: { words: string[]; texts: string[] } = { words: [], texts: [] };
  #word: string | null = null;
  /** Indexes of unquoted `{`, `,` and `}` in the word. */
  #braces: number[] = [];
  #pending: Pending = null;
  #heredocs: { readonly end: string; readonly of: { texts: string[] } }[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  run(): void {
    while (this.#at < this.#text.length) this.#step();
    this.#endCommand();
  }

  #step(): void {
    PLAIN.lastIndex = this.#at;
    const plain = PLAIN.exec(this.#text)?.[0];
    if (plain !== undefined) {
      this.#add(plain);
      this.#at += plain.length;
      return;
    }
    const char = this.#text.charAt(this.#at);
    if (char === '\n') {
      this.#endCommand();
      this.#at++;
      this.#readHeredocs();
    } else if (/\s/.test(char)) {
      this.#endWord();
      this.#at++;
    } else if (char === '<' || char === '>') this.#redirection();
    else if (char === '&' && this.#text.charAt(this.#at + 1) === '>') {
      this.#endWord();
      this.#at++;
      this.#redirection();
    } else if (/[;&|()]/.test(char)) {
      this.#endCommand();
      this.#at++;
    } else if (char === '#' && this.#word === null) {
      const end = this.#text.indexOf('\n', this.#at);
      this.#at = end < 0 ? this.#text.length : end;
    } else this.#part(char);
  }

  /** A part of a word. */
  #part(char: string): void {
    const next = this.#text.charAt(this.#at + 1);
    if (char === '\\') {
      this.#add(next);
      this.#at += 2;
    } else if (char === "'") this.#singleQuoted();
    else if (char === '"') this.#doubleQuoted();
    else if (char === '`') this.#backticks();
    else if (char === '$' && next === "'") this.#ansiQuoted();
    else if (char === '$' && next === '"') this.#at++;
    else if (char === '$' && next === '(') this.#substitution(this.#at + 1);
    else {
      if (/[{},]/.test(char)) this.#braces.push((this.#word ?? '').length);
      this.#add(char);
      this.#at++;
    }
  }

  #add(text: string): void {
    this.#word = (this.#word ?? '') + text;
  }

  #singleQuoted(): void {
    const close = this.#text.indexOf("'", this.#at + 1);
    const end = close < 0 ? this.#text.length : close;
    this.#add(this.#text.slice(this.#at + 1, end));
    this.#at = end + 1;
  }

  #doubleQuoted(): void {
    this.#add('');
    this.#at++;
    while (this.#at < this.#text.length) {
      QUOTED.lastIndex = this.#at;
      const plain = QUOTED.exec(this.#text)?.[0] ?? '';
      this.#add(plain);
      this.#at += plain.length;
      const char = this.#text.charAt(this.#at);
      const next = this.#text.charAt(this.#at + 1);
      if (char === '"') {
        this.#at++;
        return;
      }
      if (char === '\\') {
        this.#add('$`"\\'.includes(next) ? next : char + next);
        this.#at += 2;
      } else if (char === '`') this.#backticks();
      else if (char === '$' && next === '(') this.#substitution(this.#at + 1);
      else {
        this.#add(char);
        this.#at++;
      }
    }
  }

  #backticks(): void {
    let inner = '';
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const char = this.#text.charAt(this.#at);
      if (char === '`') break;
      if (char === '\\' && '$`\\'.includes(this.#text.charAt(this.#at + 1))) this.#at++;
      inner += this.#text.charAt(this.#at);
    }
    this.#at++;
    this.nested.push(inner);
    this.#add('');
  }

  /** `$'\x72m'`. */
  #ansiQuoted(): void {
    const closed = /^(?:[^'\\]|\\[\s\S])*/.exec(this.#text.slice(this.#at + 2, this.#at + 2 + MAX_ANSI))?.[0] ?? '';
    this.#add(closed.replace(ANSI_ESCAPE, (_, code: string) => ansiEscape(code)));
    this.#at += 2 + closed.length + 1;
  }

  /** `open`: the index of the opening bracket. */
  #substitution(open: number): void {
    const close = closingBracket(this.#text, open);
    this.nested.push(this.#text.slice(open + 1, close));
    this.#add('');
    this.#at = close + 1;
  }

  #redirection(): void {
    const [operator = '<'] = REDIRECTIONS.exec(this.#text.slice(this.#at, this.#at + 3)) ?? [];
    if (this.#text.charAt(this.#at + 1) === '(') {
      this.#substitution(this.#at + 1);
      return;
    }
    // `2>` and `{fd}>`: the descriptor is part of the redirection.
    if (this.#word !== null && /^(?:\d+|\{\w+\})$/.test(this.#word)) {
      this.#word = null;
      this.#braces = [];
    } else this.#endWord();
    this.#at += operator.length;
    this.#pending = operator === '<<<' ? 'text' : operator === '<<' || operator === '<<-' ? 'heredoc' : 'drop';
  }

  #endWord(): void {
    const word = this.#word;
    if (word === null) return;
    const braces = this.#braces;
    this.#word = null;
    this.#braces = [];
    if (this.#pending === 'text') this.#current.texts.push(word);
    else if (this.#pending === 'heredoc') this.#heredocs.push({ end: word, of: this.#current });
    else if (this.#pending === null) this.#current.words.push(...expandBraces(word, braces));
    this.#pending = null;
  }

  #endCommand(): void {
    this.#endWord();
    if (this.#current.words.length > 0 || this.#current.texts.length > 0 || this.#heredocs.length > 0)
      this.commands.push(this.#current);
    this.#current = { words: [], texts: [] };
    this.#pending = null;
  }

  #readHeredocs(): void {
    for (const { end, of } of this.#heredocs) {
      const lines: string[] = [];
      while (this.#at < this.#text.length) {
        const lineEnd = this.#text.indexOf('\n', this.#at);
        const line = this.#text.slice(this.#at, lineEnd < 0 ? undefined : lineEnd);
        this.#at = lineEnd < 0 ? this.#text.length : lineEnd + 1;
        if (line.replace(/^\t+/, '') === end) break;
        lines.push(line);
      }
      const body = lines.join('\n');
      of.texts.push(body);
      // Substitutions in a here-document run, unless its delimiter was quoted. The quotes are not checked here.
      if (/\$\(|`/.test(body)) this.nested.push(...lexSubstitutions(body));
    }
    this.#heredocs = [];
  }
}

/** Characters that have no special meaning at any place. */
const PLAIN = /[\w./:=@%+-]+/y;

const QUOTED = /[^"\\$`]+/y;

const REDIRECTIONS = /^(?:<<<|<<-|<<|<>|<&|<|>>|>\||>&|>)/;

/** The index of the bracket that closes the one at `open`; the end of the text if there is none. */
function closingBracket(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '\\') i++;
    else if (char === "'") {
      const close = text.indexOf("'", i + 1);
      if (close >= 0) i = close;
    } else if (char === '(') depth++;
    else if (char === ')' && --depth === 0) return i;
  }
  return text.length;
}

function lexSubstitutions(text: string): readonly string[] {
  return lexScript(`"${text.replaceAll('"', '')}"`).nested;
}

/** `{rm,a}` makes two words, and so does `x{a,b}y`. In a word with several lists, all parts become words. */
function expandBraces(word: string, marks: readonly number[]): readonly string[] {
  const [first] = marks;
  const last = marks.at(-1);
  if (first === undefined || last === undefined || word.charAt(first) !== '{' || word.charAt(last) !== '}')
    return [word];
  const parts: string[] = [];
  let from = first;
  for (const mark of marks.slice(1)) {
    parts.push(word.slice(from + 1, mark));
    from = mark;
  }
  if (parts.length < 2) return [word];
  return parts.slice(0, MAX_PARTS).map((part) => word.slice(0, first) + part + word.slice(last + 1));
}

const MAX_PARTS = 1000;
/** A longer text with escapes is not meant for reading. */
const MAX_ANSI = 100_000;

/** Bash manual, "ANSI-C Quoting". */
const ANSI_ESCAPE = /\\(x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}|[0-7]{1,3}|c[\s\S]|[\s\S])/g;
const ANSI_LETTERS: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

function ansiEscape(code: string): string {
  const digits = /^[xuU](.+)$/.exec(code)?.[1];
  if (digits !== undefined) return character(Number.parseInt(digits, 16));
  if (/^[0-7]/.test(code)) return character(Number.parseInt(code, 8) & 0xff);
  if (code.length > 1 && code.startsWith('c')) return character(code.charCodeAt(1) & 0x1f);
  return ANSI_LETTERS[code] ?? code;
}

const character = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : '');
