/**
 * Plain HTTP inside a tunnel: the Host of its first request.
 *
 * Threat: fronting without TLS: a tunnel to an allowed host of a shared server, and inside it a request whose Host names
 * one that no rule allows.
 * Rule: no server acts on a request before its head has ended, so bytes pass as they come, and the piece in which a head
 * ends waits for the verdict. Every host that the head names is the tunnel's own, or is judged as a target of its own. A
 * head that this proxy cannot read in one way only is held back for good.
 * Scope: the first request, HTTP/1. Non-scope: later requests on the same connection, HTTP/2 with prior knowledge (its
 * names are compressed), protocols that carry names elsewhere.
 */
import { canonicalHost, splitPort, type Host } from '../targets.js';
import type { ByteReader } from './byte-reader.js';
import { parseRequestHead } from './request-head.js';

/** Octets of a head, as everywhere in this proxy. */
const MAX_HEAD = 16 * 1024;
/** Octets of one read. */
const PIECE = 16 * 1024;
const LF = 0x0a;
const CR = 0x0d;
/** How a request begins: a token, then white space (some servers take any). */
const TOKEN_FIRST = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}(?:[ \t\v\f]|$)/;
/** How it goes on. */
const TARGET_NEXT = /^\S+\s+(?:\/|\*|[a-z][a-z0-9+.-]*:\/\/)/i;
/** Anywhere in a first line: no other protocol that begins so says it. */
const HTTP_VERSION = /[ \t\v\f\r]HTTP\/[0-9]/i;
/** RFC 9113 §3.4: the first line of HTTP/2, which is out of scope. */
const HTTP2_PREFACE = 'PRI * HTTP/2.0\r';

/**
 * The bytes that may still go out after those that `pass` was given; null: close the tunnel. `judge` is asked about each
 * foreign host until it says no.
 */
export async function plainRequest<No>(
  first: Buffer,
  reader: ByteReader,
  pass: (bytes: Buffer) => void,
  judge: (host: Host) => Promise<true | No>,
  own: Host,
): Promise<Buffer | No | null> {
  let all = first;
  let unsent = first;
  let length = first.length;
  for (;;) {
    const found = hostsNamedIn(all);
    if (found === 'none') return unsent;
    if (found === 'unreadable') return null;
    if (found !== 'more') {
      for (const host of found) {
        if (host.text === own.text) continue;
        const answer = await judge(host);
        if (answer !== true) return answer;
      }
      return unsent;
    }
    // Without a line's end nothing comes to its end: reading all again for every octet would be work for nothing.
    const pieces = [all];
    do {
      pass(unsent);
      const more = await reader.some(PIECE);
      if (more === null) return Buffer.alloc(0);
      pieces.push((unsent = more));
      length += more.length;
    } while (!unsent.includes(LF) && !unsent.includes(CR) && length <= MAX_HEAD);
    all = Buffer.concat(pieces);
  }
}

/** `none`: this is no HTTP/1 request. `more`: it may become one, and its head has not ended. */
export function hostsNamedIn(bytes: Buffer): readonly Host[] | 'none' | 'more' | 'unreadable' {
  const tooLong = bytes.length > MAX_HEAD;
  let start = 0;
  while (start < bytes.length && (bytes[start] === CR || bytes[start] === LF)) start++; // servers skip them
  if (start === bytes.length) return tooLong ? 'unreadable' : 'more';
  const lineEnd = bytes.indexOf(LF, start);
  const line = bytes.toString('latin1', start, lineEnd < 0 ? bytes.length : lineEnd);
  if (!TOKEN_FIRST.test(line) || line === HTTP2_PREFACE) return 'none';
  const isHttp = HTTP_VERSION.test(line);
  if (isHttp && /\r./s.test(line)) return 'unreadable'; // some servers end a line at a bare carriage return
  if (lineEnd < 0) return !tooLong ? 'more' : TARGET_NEXT.test(line) ? 'unreadable' : 'none';
  if (!isHttp) return 'none';
  const end = headEnd(bytes, lineEnd);
  if (end < 0) return tooLong ? 'unreadable' : 'more';
  const head = parseRequestHead(bytes.subarray(start, end));
  if (typeof head === 'string') return 'unreadable';
  const authorities = head.headers.filter(({ key }) => key === 'host').map(({ value }) => value);
  const [, absolute] = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/.exec(head.target) ?? [];
  if (absolute !== undefined) authorities.push(absolute);
  else if (head.method === 'CONNECT') authorities.push(head.target);
  const hosts = authorities
    .filter((authority) => authority !== '')
    .map((authority) => canonicalHost(splitPort(authority).hostText)); // user information is no host name
  return hosts.every((host) => host !== null) ? hosts : 'unreadable';
}

/** Behind the first empty line, however its end is written; -1 when there is none yet. */
function headEnd(bytes: Buffer, from: number): number {
  for (let lf = from; lf >= 0; lf = bytes.indexOf(LF, lf + 1)) {
    if (bytes[lf + 1] === LF) return lf + 2;
    if (bytes[lf + 1] === CR && bytes[lf + 2] === LF) return lf + 3;
  }
  return -1;
}
