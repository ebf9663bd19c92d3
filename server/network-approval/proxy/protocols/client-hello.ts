/**
 * The server name in the first flight of a TLS client (RFC 8446 §4.1.2, RFC 6066 §3). Reads, never decides.
 *
 * Threat: a first flight that a server takes for a ClientHello and we do not, so that nobody judges its name.
 * Rule: servers differ in how much they forgive (versions of records, alerts in front), so whatever begins as a TLS
 * record either is one ClientHello with one name at most, or it is broken.
 */

export type Hello =
  /** The bytes so far begin a ClientHello that is not complete. */
  | { readonly kind: 'partial' }
  /** Not TLS. */
  | { readonly kind: 'other' }
  /** TLS records that begin in no way a client begins: a lenient server may see more in them than we do. */
  | { readonly kind: 'broken' }
  /** null: the client names no server. */
  | { readonly kind: 'hello'; readonly serverName: string | null };

/** RFC 8446 §5.1 and §4: record types, message type; lengths in octets. */
const RECORD_TYPES = { first: 20, handshake: 22, last: 24 } as const;
const CLIENT_HELLO = 1;
const RECORD_HEADER = 5;
const MAX_RECORD = 16_384;
/**
 * Of a record's version, which is to be ignored (RFC 8446 §5.1): from this value on every server stops (Go's crypto/tls
 * is the most lenient).
 */
const NO_VERSION = 0x10;
/** RFC 6066 §3. */
const SERVER_NAME = 0;
const HOST_NAME = 0;

export function parseClientHello(bytes: Buffer): Hello {
  if (!beginsAsRecord(bytes)) return { kind: 'other' };
  if (bytes.length < 2) return { kind: 'partial' }; // the next octet says whether it is a record at all
  const message = firstMessage(bytes);
  if (message === 'partial' || message === 'broken') return { kind: message };
  const name = serverNameOf(message);
  return name === undefined ? { kind: 'broken' } : { kind: 'hello', serverName: name };
}

function beginsAsRecord([type = 0, major = 0]: Buffer): boolean {
  return type >= RECORD_TYPES.first && type <= RECORD_TYPES.last && major < NO_VERSION;
}

/** The ClientHello without its head, from the records that hold it; what follows it is the server's to judge. */
function firstMessage(bytes: Buffer): Buffer | 'partial' | 'broken' {
  let data = Buffer.alloc(0);
  for (let at = 0; at < bytes.length;) {
    if (bytes[at] !== RECORD_TYPES.handshake) return 'broken';
    if (at + RECORD_HEADER > bytes.length) break;
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0 || length > MAX_RECORD) return 'broken';
    const start = at + RECORD_HEADER;
    data = Buffer.concat([data, bytes.subarray(start, start + length)]);
    if (data.length > 0 && data[0] !== CLIENT_HELLO) return 'broken';
    const end = data.length < 4 ? Infinity : 4 + data.readUIntBE(1, 3);
    if (data.length >= end) return data.subarray(4, end);
    at = start + length;
  }
  return 'partial';
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
  let name: string | null | undefined = null;
  let named = false;
  while (!extensions.empty && !extensions.failed) {
    const type = extensions.number(2);
    const data = extensions.vector(2);
    if (type !== SERVER_NAME || extensions.failed) continue;
    if (named) return undefined; // each extension once (RFC 8446 §4.2)
    named = true;
    name = hostName(data);
  }
  return extensions.failed || body.failed || !body.empty ? undefined : name;
}

/** One host name at most (RFC 6066 §3). */
function hostName(data: Buffer): string | null | undefined {
  const extension = new Fields(data);
  const list = new Fields(extension.vector(2));
  let found: string | null = null;
  while (!list.empty && !list.failed) {
    const type = list.number(1);
    const name = list.vector(2);
    if (type === HOST_NAME && found !== null) return undefined;
    if (type === HOST_NAME) found = name.toString('latin1');
  }
  return list.failed || extension.failed || !extension.empty ? undefined : found;
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
