/**
 * The server name in the first flight of a TLS client (RFC 8446 §4.1.2, RFC 6066 §3). Reads, never decides.
 */

export type Hello =
  /** The bytes so far begin a ClientHello that is not complete. */
  | { readonly kind: 'partial' }
  /** Not TLS, or TLS that begins in no way a client begins. */
  | { readonly kind: 'other' }
  /** null: the client names no server. */
  | { readonly kind: 'hello'; readonly serverName: string | null };

/** RFC 8446 §5.1 and §4: record type and message type; lengths in octets. */
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const RECORD_HEADER = 5;
const MAX_RECORD = 16_384;
/** RFC 6066 §3. */
const SERVER_NAME = 0;
const HOST_NAME = 0;

export function parseClientHello(bytes: Buffer): Hello {
  const message = handshakeBytes(bytes);
  if (message === 'other') return { kind: 'other' };
  const { data, complete } = message;
  if (data.length > 0 && data[0] !== CLIENT_HELLO) return { kind: 'other' };
  const length = data.length < 4 ? Infinity : data.readUIntBE(1, 3);
  if (data.length < 4 + length) return { kind: complete ? 'other' : 'partial' };
  const name = serverNameOf(data.subarray(4, 4 + length));
  return name === undefined ? { kind: 'other' } : { kind: 'hello', serverName: name };
}

/** The handshake messages in the records so far. `complete`: a record of another kind follows, so there is no more. */
function handshakeBytes(bytes: Buffer): { readonly data: Buffer; readonly complete: boolean } | 'other' {
  const parts: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] !== HANDSHAKE) return at === 0 ? 'other' : { data: Buffer.concat(parts), complete: true };
    if (at + 1 < bytes.length && bytes[at + 1] !== 3) return 'other'; // every TLS says 3.x here
    if (at + RECORD_HEADER > bytes.length) break;
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0 || length > MAX_RECORD) return 'other';
    parts.push(bytes.subarray(at + RECORD_HEADER, at + RECORD_HEADER + length));
    at += RECORD_HEADER + length;
  }
  return { data: Buffer.concat(parts), complete: false };
}

/** undefined: the message is malformed. */
function serverNameOf(hello: Buffer): string | null | undefined {
  const body = new Fields(hello);
  body.skip(2 + 32); // legacy version, random
  body.vector(1); // session id
  body.vector(2); // cipher suites
  body.vector(1); // compression methods
  if (body.failed) return undefined;
  if (body.empty) return null; // no extensions at all
  const extensions = new Fields(body.vector(2));
  while (!extensions.empty && !extensions.failed) {
    const type = extensions.number(2);
    const data = extensions.vector(2);
    if (type === SERVER_NAME && !extensions.failed) return hostName(data);
  }
  return extensions.failed || body.failed ? undefined : null;
}

function hostName(data: Buffer): string | null | undefined {
  const list = new Fields(new Fields(data).vector(2));
  while (!list.empty && !list.failed) {
    const type = list.number(1);
    const name = list.vector(2);
    if (type === HOST_NAME && !list.failed) return name.toString('latin1');
  }
  return list.failed ? undefined : null;
}

/** Reads fields one after the other; once something is missing, `failed`, and every read is empty. */
class Fields {
  failed = false;
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get empty(): boolean {
    return this.#at >= this.#bytes.length;
  }

  skip(count: number): void {
    this.#take(count);
  }

  number(octets: number): number {
    const taken = this.#take(octets);
    return taken.length === octets ? taken.readUIntBE(0, octets) : 0;
  }

  /** A length of so many octets, and that many octets after it. */
  vector(lengthOctets: number): Buffer {
    return this.#take(this.number(lengthOctets));
  }

  #take(count: number): Buffer {
    if (this.#at + count > this.#bytes.length) this.failed = true;
    if (this.failed) return Buffer.alloc(0);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }
}
