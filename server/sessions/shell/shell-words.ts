/**
 * Converts between a list of words and a command line: rollouts store the words, the protocol shows one line
 * (docs/protocol/turns.md §4).
 */
import { shellWords } from '../../config/rules/split-shell-words.js';

/**
 * Makes one line. Plain words are not quoted. Others are in single quotes, or in double quotes if they contain a single
 * one. Pieces that need different quotes are joined.
 */
export function joinWords(words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}

/** The words of a line that `joinWords` made. Any other line that cannot be split becomes one word. */
export const splitWords = (line: string): readonly string[] => shellWords(line) ?? [line];

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
 * The characters that each kind of quoting can contain. A caret (history in old shells) is allowed only directly after
 * an opening quote.
 */
const KINDS = [
  { quote: '', holds: /[-+./:@\]_0-9A-Za-z]/ },
  { quote: "'", holds: /[^'^\\]/ },
  { quote: '"', holds: /[^`$!^]/ },
] as const;

/** The longest prefix that one kind of quoting can contain, and the simplest such kind. */
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
