/**
 * Strict base64 (RFC 4648 §4: standard alphabet, canonical padding) with the protocol's own error texts
 * (docs/protocol/exec.md §6).
 */
import { CodexdError } from '../../errors/codexd-error.js';

/** Text that is not strict base64. The message is the protocol's text after `invalid deltaBase64: `. */
export const base64Error = (message: string): CodexdError => new CodexdError('exec.base64', message);

/** Decodes strict base64 text. Throws `exec.base64`. */
export function decodeBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  // Node's decoder accepts invalid input. Text that encodes back to itself is valid.
  if (bytes.toString('base64') === text) return bytes;
  throw base64Error(flaw(Buffer.from(text)));
}

/**
 * The same check for a part of a long text, from `start` to `end`, without its bytes. Both are multiples of four; the
 * text may end before `end`. Throws `exec.base64` with the flaw of the whole text.
 */
export function assertBase64(text: string, start: number, end: number): void {
  const part = text.slice(start, end);
  const isLast = end >= text.length;
  // Padding is for the end of the text.
  if (Buffer.from(part, 'base64').toString('base64') === part && (isLast || !part.endsWith('='))) return;
  throw base64Error(flaw(Buffer.from(text)));
}

const PAD = 0x3d;
const QUAD = 4;

/**
 * Describes the error at the byte offset that the reference reports, in the reference's order: an invalid symbol in a
 * single last byte, invalid symbols in all quads but the last, then the last quad: early padding, a symbol after
 * padding, an invalid symbol, too short, not padded, leftover bits.
 */
function flaw(text: Buffer): string {
  const left = text.length % QUAD;
  const last = text.length - 1;
  if (left === 1 && text[last] !== PAD && !isSymbol(text[last])) return badSymbol(text, last);
  const lastQuad = text.length - (left || QUAD);
  for (let offset = 0; offset < lastQuad; offset++) if (!isSymbol(text[offset])) return badSymbol(text, offset);
  return flawOfLastQuad(text, lastQuad);
}

function flawOfLastQuad(text: Buffer, start: number): string {
  let symbols = 0;
  let padding = 0;
  for (let offset = start; offset < text.length; offset++) {
    if (text[offset] === PAD) {
      if (offset - start < 2) return badSymbol(text, offset);
      padding++;
    } else if (padding) return badSymbol(text, start + symbols);
    else if (!isSymbol(text[offset])) return badSymbol(text, offset);
    else symbols++;
  }
  if (symbols < 2) return `Invalid input length: ${start + symbols}`;
  if ((symbols + padding) % QUAD !== 0) return 'Invalid padding';
  const offset = start + symbols - 1;
  return `Invalid last symbol ${text[offset]}, offset ${offset}.`;
}

const badSymbol = (text: Buffer, offset: number): string => `Invalid symbol ${text[offset]}, offset ${offset}.`;

const SYMBOLS = new Set(Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'));
const isSymbol = (byte: number | undefined): boolean => byte !== undefined && SYMBOLS.has(byte);
