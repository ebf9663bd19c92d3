/** Finds a text in another text, ignoring case, and cuts out a snippet around it (docs/protocol/threads.md §5). */

export interface TextOccurrence {
  readonly snippet: string;
  /** The position of the match in the snippet, in UTF-16 units. */
  readonly range: { readonly start: number; readonly end: number };
}

/** How many characters of the text the snippet has before and after a match, as recorded from the official program. */
const BEFORE = 49;
const AFTER = 96;
const CUT = '...';

/** All occurrences that do not overlap. */
export function occurrences(text: string, term: string): TextOccurrence[] {
  const wanted = foldCase(term).text;
  if (wanted === '') return [];
  const { text: folded, origin } = foldCase(text);
  const found: TextOccurrence[] = [];
  for (let at = folded.indexOf(wanted); at !== -1; at = folded.indexOf(wanted, at + wanted.length)) {
    found.push(around(text, origin(at), origin(at + wanted.length)));
  }
  return found;
}

function around(text: string, start: number, end: number): TextOccurrence {
  const from = stepBack(text, start, BEFORE);
  const to = stepForward(text, end, AFTER);
  const lead = from > 0 ? `${CUT} ` : '';
  const trail = to < text.length ? ` ${CUT}` : '';
  const offset = lead.length - from;
  return {
    snippet: `${lead}${text.slice(from, to)}${trail}`,
    range: { start: start + offset, end: end + offset },
  };
}

/**
 * The text in lower case, and a function from its positions to those of the original: some letters get longer in lower
 * case.
 */
function foldCase(text: string): { readonly text: string; readonly origin: (index: number) => number } {
  const folded = text.toLowerCase();
  if (folded.length === text.length) return { text: folded, origin: (index) => index };
  const origins: number[] = [];
  let result = '';
  let at = 0;
  for (const character of text) {
    const lower = character.toLowerCase();
    for (let i = 0; i < lower.length; i++) origins.push(at);
    result += lower;
    at += character.length;
  }
  return { text: result, origin: (index) => origins[index] ?? text.length };
}

function stepBack(text: string, from: number, count: number): number {
  let at = from;
  for (let i = 0; i < count && at > 0; i++) at -= isLowSurrogate(text, at - 1) ? 2 : 1;
  return Math.max(0, at);
}

function stepForward(text: string, from: number, count: number): number {
  let at = from;
  for (let i = 0; i < count && at < text.length; i++) at += isLowSurrogate(text, at + 1) ? 2 : 1;
  return Math.min(text.length, at);
}

function isLowSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff;
}
