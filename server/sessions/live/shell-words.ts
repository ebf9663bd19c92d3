/** An argument vector as one line that a person can read and a POSIX shell would take apart again, and back. */

/**
 * The line. Quoting as clients know it from the protocol (spec/turns.md §4): plain words bare, otherwise single quotes,
 * double quotes around what holds a single quote; pieces that need different quotes stand side by side.
 */
export function joinWords(words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}

/** The words of a line that holds nothing but words and quotes; null when a quote is not closed. */
export function splitWords(line: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  for (let i = 0; i < line.length; i++) {
    const char = line.charAt(i);
    if (char === "'") {
      const end = line.indexOf("'", i + 1);
      if (end < 0) return null;
      word = (word ?? '') + line.slice(i + 1, end);
      i = end;
    } else if (char === '"') {
      word ??= '';
      for (i++; line.charAt(i) !== '"'; i++) {
        if (i >= line.length) return null;
        if (line.charAt(i) === '\\' && ESCAPED_IN_DOUBLE.test(line.charAt(i + 1))) i++;
        word += line.charAt(i);
      }
    } else if (char === '\\') {
      word = (word ?? '') + line.charAt(++i);
    } else if (BLANK.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + char;
  }
  if (word !== null) words.push(word);
  return words;
}

const BLANK = /[ \t\r\n]/;
const ESCAPED_IN_DOUBLE = /["\\$`]/;

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

/** What each kind of quoting can hold as it is. A caret (history in old shells) stands only right behind an opening quote. */
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
