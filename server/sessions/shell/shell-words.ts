/**
 * Command lines between their two spellings: rollouts hold the words, the protocol shows one line
 * (docs/protocol/turns.md §4).
 */

/**
 * One line. Plain words stand bare, others in single quotes, or in double quotes where a word holds a single one;
 * pieces that need different quotes stand side by side.
 */
export function joinWords(words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}

/** The words of a line that `joinWords` made; any other line that cannot be split is one word. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let i = 0; i < line.length; i++) {
    const character = line[i] as string;
    if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (character === "'" || character === '"') {
      const [text, end] = quoted(line, i, character);
      if (end === -1) return [line];
      word = (word ?? '') + text;
      i = end;
    } else if (character === '\\' && i + 1 < line.length) {
      word = (word ?? '') + line[++i];
    } else {
      word = (word ?? '') + character;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

function quoteWord(word: string): string {
  if (word === '') return "''";
  let line = '';
  for (let rest = word; rest !== '';) {
    const { length, quote } = longestPiece(rest);
    const piece = rest.slice(0, length);
    line += quote === '"' ? `"${piece.replace(/["\\]/g, '\\$&')}"` : `${quote}${piece}${quote}`;
    rest = rest.slice(length);
  }
  return line;
}

/**
 * What each kind of quoting can hold as it is. A caret (history in old shells) stands only right behind an opening
 * quote.
 */
const KINDS = [
  { quote: '', holds: /[-+./:@\]_0-9A-Za-z]/ },
  { quote: "'", holds: /[^'^\\]/ },
  { quote: '"', holds: /[^`$!^]/ },
] as const;

/** The longest beginning that one kind of quoting can hold, and the plainest such kind. */
function longestPiece(text: string): { length: number; quote: string } {
  const caret = text.startsWith('^');
  let kinds: readonly (typeof KINDS)[number][] = caret ? [KINDS[1]] : KINDS;
  let length = caret ? 1 : 0;
  for (; length < text.length; length++) {
    const left = kinds.filter(({ holds }) => holds.test(text.charAt(length)));
    if (!left.length) break;
    kinds = left;
  }
  return { length, quote: kinds[0]!.quote };
}

/** The text of a quoted stretch and where its closing quote stands; -1 when there is none. */
function quoted(line: string, open: number, mark: string): [string, number] {
  let text = '';
  for (let i = open + 1; i < line.length; i++) {
    const character = line[i] as string;
    if (character === mark) return [text, i];
    const next = line[i + 1];
    if (mark === '"' && character === '\\' && next !== undefined && /["\\$`]/.test(next)) {
      text += next;
      i++;
    } else {
      text += character;
    }
  }
  return ['', -1];
}
