/**
 * Threat: a command, host, path or name contains characters that a person does not see, or that change the order of
 * what they see (`U+202E` makes `exe.txt` of `txt.exe`). The person then approves another text than the one that runs.
 * Rule: every such character is shown as its code. Scope: all texts that people decide about. Non-scope: letters that
 * look alike; hosts come in ASCII form (`xn--…`) from the server.
 */

/** A part of a text: shown as it is, or the code of a character that has no shape of its own. */
export interface Piece {
  readonly text: string;
  /** The character is replaced by its code, for example `U+202E`. */
  readonly code: boolean;
}

/**
 * Controls, formats (with all marks of direction and zero widths), private and unpaired units, spaces other than the
 * common one, line and paragraph separators, variation selectors, and fillers that are letters by their category.
 */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}\u034F\u115F\u1160\u17B4\u17B5\u3164\uFFA0]|(?! )\p{Zs}/u;
const SHORT: Readonly<Record<string, string>> = { '\t': '\\t', '\r': '\\r', '\u001b': '\\e', '\0': '\\0' };

/** Splits a text into what is shown as it is and the codes. A line feed stays: it is shown as a new line. */
export function visible(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let plain = '';
  for (const character of text) {
    if (character === '\n' || !UNSEEN.test(character)) {
      plain += character;
      continue;
    }
    if (plain !== '') pieces.push({ text: plain, code: false });
    plain = '';
    pieces.push({ text: SHORT[character] ?? codeOf(character), code: true });
  }
  if (plain !== '') pieces.push({ text: plain, code: false });
  return pieces;
}

/** The same as one text, for titles and labels, which have no markup. */
export const visibleText = (text: string): string =>
  visible(text)
    .map(({ text: piece, code }) => (code ? `⟨${piece}⟩` : piece))
    .join('');

const codeOf = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
