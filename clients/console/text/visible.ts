/**
 * Texts that a person decides about, with every character that has no shape of its own as its code (text/unseen.ts).
 */
import { UNSEEN } from '../../text/unseen.js';

/** A part of a text: shown as it is, or the code of a character that has no shape of its own. */
export interface Piece {
  readonly text: string;
  /** The character is replaced by its code, for example `U+202E`. */
  readonly code: boolean;
}

const SHORT: Readonly<Record<string, string>> = { '\t': '\\t', '\r': '\\r', '\u001b': '\\e', '\0': '\\0' };

/** Splits a text into what is shown as it is and the codes. A line feed stays: it is shown as a new line. */
export function visible(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  const plain = (to: number): void => {
    if (to > from) pieces.push({ text: text.slice(from, to), code: false });
  };
  for (const { 0: character, index } of text.matchAll(UNSEEN)) {
    plain(index);
    pieces.push({ text: SHORT[character] ?? codeOf(character), code: true });
    from = index + character.length;
  }
  plain(text.length);
  return pieces;
}

/** The same as one text, for titles and labels, which have no markup. */
export const visibleText = (text: string): string =>
  visible(text)
    .map(({ text: piece, code }) => (code ? `⟨${piece}⟩` : piece))
    .join('');

const codeOf = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
