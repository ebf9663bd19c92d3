/**
 * The query of a search, in the syntax of fzf: words that must all match, `^at the start`, `at the end$`, `'as it is`,
 * `!not`, and `\ ` for a space (docs/protocol/services.md §2).
 */
import { charactersOf, folded } from './characters.js';
import { plainLetter } from './plain-letters.js';

export interface Word {
  readonly form: 'fuzzy' | 'substring' | 'start' | 'end' | 'whole';
  readonly negated: boolean;
  /** Folded characters, at least one. */
  readonly needle: Uint32Array;
  /** All of them are ASCII. */
  readonly isAscii: boolean;
  /** Accents of names do not count: the word has none itself. */
  readonly plain: boolean;
}

export interface Pattern {
  readonly words: readonly Word[];
  /** The query is one word without a slash, a backslash or a sign of the syntax: it may be the name of a file. */
  readonly isName: boolean;
}

export function parsePattern(query: string): Pattern {
  const words = wordsOf(query).flatMap((text) => {
    const word = parseWord(text);
    return word.needle.length === 0 ? [] : [word];
  });
  const name = query.trim();
  const isName = name !== '' && !/[\s/\\]/.test(name) && !/^[!^']|\$$/.test(name);
  return { words, isName };
}

/** A backslash before a space keeps it. */
const wordsOf = (query: string): string[] => query.match(/(?:\\[^]|[^\s\\]|\\$)+/g) ?? [];

function parseWord(given: string): Word {
  let text = given;
  let form: Word['form'] = 'fuzzy';
  const negated = text.startsWith('!');
  if (negated || text.startsWith('\\!')) text = text.slice(1);
  if (text.startsWith('^')) form = 'start';
  else if (text.startsWith("'")) form = 'substring';
  if (form !== 'fuzzy' || /^\\[\^']/.test(text)) text = text.slice(1);
  let tail = '';
  if (text.endsWith('\\$')) {
    tail = '$';
    text = text.slice(0, -2);
  } else if (text.endsWith('$')) {
    form = form === 'fuzzy' ? 'end' : 'whole';
    text = text.slice(0, -1);
  }
  if (negated && form === 'fuzzy') form = 'substring';
  const characters = charactersOf(text.replaceAll('\\ ', ' ') + tail);
  const plain = characters.every((code) => plainLetter(code) === code);
  const needle = characters.map((code) => folded(code, false));
  return { form, negated, needle, isAscii: needle.every((code) => code < 128), plain };
}
