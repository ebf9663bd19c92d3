/** Other readers of the same bytes: what our parsers accept, these accept too, and mean the same by it. */
import { createRequire } from 'node:module';

/** What a strict reader sees in the first message. */
export interface Message {
  readonly minorVersion: number;
  /** Names and values, flat, as written but for white space around values. */
  readonly headers: readonly string[];
  readonly url: string;
  readonly body: Buffer;
  /** Octets from its first to its last; null while it is not whole. */
  readonly length: number | null;
}

interface Parser {
  [callback: number]: unknown;
  initialize(type: number, resource: object): void;
  execute(bytes: Buffer): number | Error;
}
interface ParserClass {
  new (): Parser;
  readonly REQUEST: number;
  readonly kOnHeaders: number;
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
}
const { HTTPParser } = createRequire(import.meta.url)('_http_common') as { HTTPParser: ParserClass };

/** llhttp, as Node's own server uses it: strict. null: it refuses. */
export function readMessage(bytes: Buffer): Message | null {
  let found: { minorVersion: number; headers: readonly string[]; url: string } | undefined;
  const early: string[] = [];
  let earlyUrl = '';
  const body: Buffer[] = [];
  let complete = false;
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.REQUEST, {});
  parser[HTTPParser.kOnHeaders] = (headers: string[], url: string) => {
    early.push(...headers);
    earlyUrl += url;
  };
  parser[HTTPParser.kOnHeadersComplete] = (
    _major: number,
    minor: number,
    headers: string[] | undefined,
    _m: number,
    url: string,
  ) => {
    found ??= { minorVersion: minor, headers: [...early, ...(headers ?? [])], url: earlyUrl + (url ?? '') };
    return 0;
  };
  parser[HTTPParser.kOnBody] = (piece: Buffer) => void (complete || body.push(Buffer.from(piece)));
  parser[HTTPParser.kOnMessageComplete] = () => void (complete = true);
  // Octet by octet: the offset at which the message is whole is then known exactly.
  for (let at = 0; at < bytes.length; at++) {
    const result = parser.execute(bytes.subarray(at, at + 1));
    if (typeof result !== 'number' && !complete)
      return found ? { ...found, body: Buffer.concat(body), length: null } : null;
    if (complete && found) return { ...found, body: Buffer.concat(body), length: at + 1 };
  }
  return found
    ? { ...found, body: Buffer.concat(body), length: null }
    : { minorVersion: -1, headers: [], url: '', body: Buffer.alloc(0), length: null };
}

/** RFC 1928 §3 and §4, written independently: the host's octets and the port, or null if there is no CONNECT. */
export function readSocks(
  bytes: Buffer,
): { readonly name: string | null; readonly octets: readonly number[]; readonly port: number } | null {
  const methods = bytes[1] ?? 0;
  if (bytes[0] !== 5 || methods === 0 || bytes.length < 2 + methods) return null;
  if (!bytes.subarray(2, 2 + methods).includes(0)) return null;
  const rest = bytes.subarray(2 + methods);
  if (rest[0] !== 5 || rest[1] !== 1) return null;
  const [start, size] = rest[3] === 1 ? [4, 4] : rest[3] === 4 ? [4, 16] : rest[3] === 3 ? [5, rest[4] ?? 0] : [0, 0];
  if (start === 0 || rest.length < start + size + 2) return null;
  const address = rest.subarray(start, start + size);
  return {
    name: rest[3] === 3 ? address.toString('latin1') : null,
    octets: rest[3] === 3 ? [] : [...address],
    port: rest.readUInt16BE(start + size),
  };
}
