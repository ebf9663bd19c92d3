/** Ids of threads and turns: UUIDv7, and the forms that a client may use (docs/protocol/threads.md §1). */
import { randomFillSync } from 'node:crypto';

/** A canonical UUID: lower case, with dashes. */
export type ThreadId = string;

let lastMs = 0;
let counter = 0;

/** A new UUIDv7. Ids of this process sort in the order of their creation, also within one millisecond. */
export function newId(now = Date.now()): string {
  if (now > lastMs) {
    lastMs = now;
    counter = 0;
  } else if (++counter > 0xfff) {
    lastMs++;
    counter = 0;
  }
  const bytes = randomFillSync(Buffer.allocUnsafe(16));
  bytes.writeUIntBE(lastMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | counter, 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return dashed(bytes.toString('hex'));
}

/** The time in a UUIDv7, in milliseconds since the epoch; null: the id is of another kind. */
export function timeOfId(id: string): number | null {
  return id[14] === '7' ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : null;
}

/**
 * The canonical form of an id. Accepted forms: upper case, without dashes, `urn:uuid:`, `{braces}`. For other texts,
 * the problem in the words of the protocol.
 */
export function parseThreadId(text: string): { readonly id: ThreadId } | { readonly problem: string } {
  let inner = text;
  if (inner.startsWith('urn:uuid:')) inner = inner.slice('urn:uuid:'.length);
  else if (inner.startsWith('{') && inner.endsWith('}') && inner.length === 38) inner = inner.slice(1, -1);
  const hex = HYPHENATED.test(inner) ? inner.replaceAll('-', '') : inner;
  if (SIMPLE.test(hex)) return { id: dashed(hex.toLowerCase()) };
  return { problem: problemWith(text) };
}

const SIMPLE = /^[0-9a-f]{32}$/i;
const HYPHENATED = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function dashed(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function problemWith(text: string): string {
  const index = [...text].findIndex((character) => !/[0-9a-f-]/i.test(character));
  if (index >= 0) {
    const at = [...text].slice(0, index).join('').length + 1;
    return `invalid character: expected an optional prefix of \`urn:uuid:\` followed by [0-9a-fA-F-], found \`${[...text][index]}\` at ${at}`;
  }
  if (text.includes('-')) {
    const groups = text.split('-');
    if (groups.length !== 5) return `invalid group count: expected 5, found ${groups.length}`;
    const wrong = groups.findIndex((group, position) => group.length !== [8, 4, 4, 4, 12][position]);
    return `invalid group length in group ${wrong}: expected ${[8, 4, 4, 4, 12][wrong]}, found ${groups[wrong]?.length}`;
  }
  return `invalid length: expected length 32 for simple format, found ${text.length}`;
}
