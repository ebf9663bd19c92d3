/** The body of a request, read from the client by its framing. */
import { isCode, CodexdError } from '../../../errors/codexd-error.js';
import type { ByteReader } from './byte-reader.js';
import { parseField, type BodyFraming } from './request-head.js';
import { TOKEN } from './token.js';

/** Octets of one piece. */
const PIECE = 64 * 1024;
/** A chunk's size line with its extensions; the trailer's fields likewise. */
const MAX_LINE = 1024;
const MAX_TRAILER_LINES = 64;

const bodyError = (message: string): CodexdError => new CodexdError('proxy.body', message);

/**
 * The body's octets without their framing. `trailers` gets a flat list of the names and values behind them. Throws
 * `proxy.body` when the framing is broken or the client goes away.
 */
export async function* readBody(
  reader: ByteReader,
  framing: BodyFraming,
  trailers: (raw: readonly string[]) => void = () => {},
): AsyncGenerator<Buffer> {
  if (framing.kind === 'length') yield* readExactly(reader, framing.length);
  if (framing.kind === 'chunked') yield* readChunks(reader, trailers);
}

/** Reads a body that nobody wants, at most `limit` octets; false when it is longer or broken. */
export async function discardBody(reader: ByteReader, framing: BodyFraming, limit: number): Promise<boolean> {
  if (framing.kind === 'length' && framing.length > limit) return false;
  let seen = 0;
  try {
    for await (const piece of readBody(reader, framing)) {
      seen += piece.length;
      if (seen > limit) return false;
    }
    return true;
  } catch (error) {
    if (isCode(error, 'proxy.body')) return false;
    throw error;
  }
}

async function* readExactly(reader: ByteReader, length: number): AsyncGenerator<Buffer> {
  for (let left = length; left > 0;) {
    const piece = await reader.some(Math.min(left, PIECE));
    if (piece === null) throw bodyError('the body was cut off');
    left -= piece.length;
    yield piece;
  }
}

/**
 * Fields that are forbidden in a trailer (RFC 9110 §6.5.1): a reader that merges them would change framing or routing.
 */
const FRAMES = /^(?:content-length|transfer-encoding|host):/i;

/** RFC 9112 §7.1. Extensions are read and dropped. */
async function* readChunks(reader: ByteReader, trailers: (raw: readonly string[]) => void): AsyncGenerator<Buffer> {
  for (;;) {
    const size = chunkSize(await reader.line(MAX_LINE));
    if (size === 0) break;
    yield* readExactly(reader, size);
    if ((await reader.line(0)) !== '') throw bodyError('a chunk is longer than its size');
  }
  const raw: string[] = [];
  for (let lines = 0; lines <= MAX_TRAILER_LINES; lines++) {
    const line = await reader.line(MAX_LINE);
    if (line === '') return trailers(raw);
    const field = line === null || FRAMES.test(line) ? null : parseField(line);
    if (field === null) break;
    raw.push(field.name, field.value);
  }
  throw bodyError('the trailer is malformed');
}

/** The size, then `;name`, `;name=token` or `;name="text"`, which has no effect (RFC 9112 §7.1.1). */
const QUOTED = '"(?:[\\t\\x20\\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t\\x20-\\x7e\\x80-\\xff])*"';
const CHUNK_SIZE = new RegExp(`^([0-9A-Fa-f]{1,12})(?:;${TOKEN}(?:=(?:${TOKEN}|${QUOTED}))?)*$`);

function chunkSize(line: string | null): number {
  // No white space around the size and no sign: parseInt would take both.
  const [, digits] = CHUNK_SIZE.exec(line ?? '') ?? [];
  if (digits === undefined) throw bodyError('the size of a chunk is malformed');
  return Number.parseInt(digits, 16);
}
