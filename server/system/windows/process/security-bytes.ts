/**
 * SIDs as bytes, and the access list inside of a descriptor (winnt.h; [MS-DTYP] 2.4): for calls that take these and no
 * text. Descriptors themselves are SDDL (win32-security.ts).
 */
import { fault } from '../../../errors/fault.js';

const SID_HEADER_BYTES = 8;

/** `S-1-5-…` as bytes. Throws RangeError for what is no SID. */
export function sidBytes(text: string): Buffer {
  const parts = /^S-1-(\d{1,14})((?:-\d{1,10}){0,15})$/.exec(text);
  const subs = (parts?.[2] ?? '').split('-').slice(1).map(Number);
  if (!parts || subs.some((sub) => sub > 0xffffffff)) throw new RangeError(`${text} is not a SID`);
  const bytes = Buffer.alloc(SID_HEADER_BYTES + 4 * subs.length);
  bytes[0] = 1;
  bytes[1] = subs.length;
  bytes.writeUIntBE(Number(parts[1]), 2, 6);
  for (const [i, sub] of subs.entries()) bytes.writeUInt32LE(sub, SID_HEADER_BYTES + 4 * i);
  return bytes;
}

/** The SID that begins at `at`. Throws RangeError if the bytes end before it does. */
export function sidText(bytes: Buffer, at = 0): string {
  const subs = Array.from({ length: bytes.readUInt8(at + 1) }, (_, i) =>
    bytes.readUInt32LE(at + SID_HEADER_BYTES + 4 * i),
  );
  return ['S', bytes.readUInt8(at), bytes.readUIntBE(at + 2, 6), ...subs].join('-');
}

/** Where a self-relative descriptor has the offset of its list. */
const LIST_AT = 16;

/** The access list of a self-relative descriptor, which must have one. */
export function listOf(descriptor: Buffer): Buffer {
  const at = descriptor.readUInt32LE(LIST_AT);
  if (at === 0) throw fault('a descriptor without an access list');
  return descriptor.subarray(at, at + descriptor.readUInt16LE(at + 2));
}
