/** Finds strings in JSON text that nobody needs to parse: they would be written with the same bytes again. */
import { isUtf8 } from 'node:buffer';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const BEYOND_ASCII = 0x80;

/** The characters behind the backslash in JSON.stringify's escapes, except the `u` of other control characters. */
const ESCAPES = new Uint8Array(256);
for (const letter of '"\\bfnrt') ESCAPES[letter.charCodeAt(0)] = 1;
/** Control characters that JSON.stringify writes with their number. */
const NUMBERED = /^\\u00(?:0[0-7be-f]|1[0-9a-f])$/;
const NUMBERED_LENGTH = 6;
/** Messages have the escapes of these characters (json-text.ts). */
const SEPARATORS = [Buffer.from('\u2028'), Buffer.from('\u2029')];

/**
 * The end of the string whose first character is at `start`: the index of its quote. -1: no string ends there before
 * `end`, or jsonPiece would write the string differently from how it stands there.
 */
export function writtenStringEnd(bytes: Buffer, start: number, end: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, end);
  let ascii = true;
  for (let at = start; at < end;) {
    // Most of a text is passed eight bytes at a time.
    if (end - at >= 8) {
      const first = marked(view.getInt32(at, true));
      const second = first === 0 ? marked(view.getInt32(at + 4, true)) : 0;
      if (first !== 0) at += firstOf(first);
      else if (second !== 0) at += 4 + firstOf(second);
      else {
        at += 8;
        continue;
      }
    }
    const byte = bytes[at] as number;
    if (byte === QUOTE) return ascii || isOneLineUtf8(bytes.subarray(start, at)) ? at : -1;
    if (byte < SPACE) return -1;
    if (byte === BACKSLASH) {
      const length = escapeLength(bytes, at);
      if (length === 0) return -1;
      at += length;
    } else {
      if (byte >= BEYOND_ASCII) ascii = false;
      at++;
    }
  }
  return -1;
}

/**
 * The high bit of each byte of a word that is a quote, a backslash, a control character or not of ASCII. A byte behind
 * such a one may be marked without a reason.
 */
const marked = (word: number): number =>
  (word | (word - 0x20202020) | ((word ^ 0x22222222) - 0x01010101) | ((word ^ 0x5c5c5c5c) - 0x01010101)) & 0x80808080;

/** Which byte of a word is the first with a mark. The first byte is the lowest. */
const firstOf = (mask: number): number => (31 - Math.clz32(mask & -mask)) >> 3;

/** 0: JSON.stringify writes no such escape. */
function escapeLength(bytes: Buffer, at: number): number {
  if (ESCAPES[bytes[at + 1] as number] === 1) return 2;
  return NUMBERED.test(bytes.toString('latin1', at, at + NUMBERED_LENGTH)) ? NUMBERED_LENGTH : 0;
}

const isOneLineUtf8 = (bytes: Buffer): boolean =>
  isUtf8(bytes) && !SEPARATORS.some((separator) => bytes.includes(separator));
