/** What a character counts as when names are compared (docs/protocol/services.md §2). */
import { plainLetter } from './plain-letters.js';

/** In this order: behind whitespace, other signs and delimiters a word begins. */
export const Kind = { whitespace: 0, sign: 1, delimiter: 2, lower: 3, upper: 4, letter: 5, digit: 6 } as const;

/** Of `/`, which is the one delimiter in paths; on Windows paths have `/` in answers, too. */
const SLASH = 0x2f;

const asciiKind = (code: number): number => {
  if (code >= 0x61 && code <= 0x7a) return Kind.lower;
  if (code >= 0x41 && code <= 0x5a) return Kind.upper;
  if (code >= 0x30 && code <= 0x39) return Kind.digit;
  if (code === 0x20 || (code >= 0x09 && code <= 0x0d && code !== 0x0b)) return Kind.whitespace;
  return code === SLASH ? Kind.delimiter : Kind.sign;
};

/** Tables for ASCII, by code. */
export const ASCII_KIND = Uint8Array.from({ length: 128 }, (_, code) => asciiKind(code));
export const ASCII_FOLDED = Uint8Array.from({ length: 128 }, (_, code) =>
  code >= 0x41 && code <= 0x5a ? code + 0x20 : code,
);

export function kindOf(code: number): number {
  if (code < 128) return ASCII_KIND[code]!;
  const char = String.fromCodePoint(code);
  if (/\p{Lowercase}/u.test(char)) return Kind.lower;
  if (lowerCase(code) !== code) return Kind.upper;
  if (/\p{N}/u.test(char)) return Kind.digit;
  if (/\p{Alphabetic}/u.test(char)) return Kind.letter;
  return /\s/u.test(char) ? Kind.whitespace : Kind.sign;
}

/** The one lower-case letter of a letter; itself if there are several. */
export function lowerCase(code: number): number {
  if (code < 128) return ASCII_FOLDED[code]!;
  const lower = String.fromCodePoint(code).toLowerCase();
  const first = lower.codePointAt(0)!;
  return String.fromCodePoint(first) === lower ? first : code;
}

/** The form in which a character is compared. `plain`: accents do not count. */
export function folded(code: number, plain: boolean): number {
  if (code < 128) return ASCII_FOLDED[code]!;
  return lowerCase(plain ? plainLetter(code) : code);
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Scripts in which every code point is a character of its own: Latin, Greek, Cyrillic, kana, ideographs, Hangul. */
const SIMPLE =
  /^[\x20-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1fff\u3041-\u3096\u30a1-\u30ff\u3400-\u9fff\uac00-\ud7a3]*$/;

/** The first code point of each character that a person sees. Positions of matches count these characters. */
export function charactersOf(text: string): Uint32Array {
  if (SIMPLE.test(text)) return Uint32Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  return Uint32Array.from(segmenter.segment(text), ({ segment }) =>
    segment === '\r\n' ? 0x0a : segment.codePointAt(0)!,
  );
}
