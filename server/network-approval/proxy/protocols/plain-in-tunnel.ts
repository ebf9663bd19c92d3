/**
 * Plain HTTP inside a tunnel: the Host of its first request.
 *
 * Threat: fronting without TLS: a tunnel to an allowed host of a shared server, and inside it a request whose Host
 * names one that no rule allows.
 * Rule: no server acts on a request before its head has ended, so bytes pass as they come, and the piece in which a
 * head ends waits for the verdict. Every host that the head names is the tunnel's own, or is judged as a target of its
 * own. A head that this proxy cannot read in one way only is held back for good.
 * Scope: the first request, HTTP/1. Non-scope: later requests on the same connection, HTTP/2 with prior knowledge (its
 * names are compressed), protocols that carry names elsewhere.
 */
import { canonicalHost, splitPort, type Host } from '../../decide/targets.js';
import type { ByteReader } from '../http/byte-reader.js';
import { MAX_HEAD, parseRequestHead } from '../http/request-head.js';
import { absoluteTarget } from '../http/request-target.js';
import { TOKEN } from '../http/token.js';

/** Octets of one read. */
const PIECE = 16 * 1024;
/** Octets of white space in front of a request that are waited out. Far more than any client sends. */
const MAX_LEADING = 256;
const LF = 0x0a;
const CR = 0x0d;
/**
 * What some server takes for white space in a request line: besides blank and tab, the separators and the Latin-1
 * blanks that Python's `str.split` knows, and NUL.
 */
const BLANK = '[\\x00\\t\\v\\f\\r\\x1c-\\x20\\x85\\xa0]';
/** Such bytes in front, which servers trim or skip. */
const LEADING = new RegExp(`^(?:${BLANK}|\\n)+`);
/** How a request begins: a method, however long. */
const TOKEN_FIRST = new RegExp(`^${TOKEN}(?:${BLANK}|$)`);
/** How it continues. */
const TARGET_NEXT = new RegExp(`^${TOKEN}${BLANK}+(?:/|\\*|[a-z][a-z0-9+.-]*://)`, 'i');
/** Anywhere in a first line: no other protocol that begins so says it. */
const HTTP_VERSION = new RegExp(`${BLANK}HTTP/[0-9]`, 'i');
/** A request of HTTP/0.9, which names a host and no version (RFC 1945 §4.1): a server may go by that host. */
const SIMPLE_REQUEST = new RegExp(`^${TOKEN}${BLANK}+https?://`, 'i');
/**
 * What tells a server, before anything else, whose connection this is: no client sends it, and it hides what follows.
 */
const PROXY_PROTOCOL = /^PROXY (?:TCP[46]|UNKNOWN)\b/;
const PROXY_PROTOCOL_2 = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
/** How the record of a TLS handshake begins: its kind and the major version. */
const TLS_HANDSHAKE = Buffer.from([0x16, 0x03]);
/** RFC 9113 §3.4: the first line of HTTP/2, which is out of scope. */
const HTTP2_PREFACE = 'PRI * HTTP/2.0\r';

/**
 * The bytes that may still go out after those that `pass` was given; null: close the tunnel. `judge` is asked about
 * each foreign host until it says no.
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
    if (found !== 'more' && found !== 'blank') {
      for (const host of found) {
        if (host.text === own.text) continue;
        const answer = await judge(host);
        if (answer !== true) return answer;
      }
      return unsent;
    }
    // Without a line break no line is complete: reading everything again for each octet would be useless work.
    const pieces = [all];
    do {
      pass(unsent);
      const more = await reader.some(PIECE);
      if (more === null) return Buffer.alloc(0);
      pieces.push((unsent = more));
      length += more.length;
    } while (found !== 'blank' && !unsent.includes(LF) && !unsent.includes(CR) && length <= MAX_HEAD);
    all = Buffer.concat(pieces);
  }
}

/**
 * `none`: this is not an HTTP/1 request. `blank`: only white space so far. `more`: it may become a request, and its
 * head has not ended. `unreadable`: a server could read it in another way than this proxy.
 */
export function hostsNamedIn(bytes: Buffer): readonly Host[] | 'none' | 'blank' | 'more' | 'unreadable' {
  const tooLong = bytes.length > MAX_HEAD;
  if (bytes.indexOf(PROXY_PROTOCOL_2) === 0) return 'unreadable';
  const [leading = ''] = LEADING.exec(bytes.toString('latin1', 0, MAX_LEADING + 1)) ?? [];
  const start = leading.length;
  if (start > MAX_LEADING) return /[^\0]/.test(leading) ? 'unreadable' : 'none';
  if (start === bytes.length) return 'blank';
  // A ClientHello behind something that one server skips and another does not.
  if (start > 0 && bytes[start] === TLS_HANDSHAKE[0]) {
    if (start + 1 === bytes.length) return 'blank';
    if (bytes[start + 1] === TLS_HANDSHAKE[1]) return 'unreadable';
  }
  const lineEnd = bytes.indexOf(LF, start);
  const line = bytes.toString('latin1', start, lineEnd < 0 ? Math.min(bytes.length, start + MAX_HEAD) : lineEnd);
  if (PROXY_PROTOCOL.test(line)) return 'unreadable';
  if (!TOKEN_FIRST.test(line) || line === HTTP2_PREFACE) return 'none';
  const isHttp = HTTP_VERSION.test(line);
  if (isHttp && /\r./s.test(line)) return 'unreadable'; // some servers end a line at a bare carriage return
  if (isHttp && !/^[\r\n]*$/.test(leading)) return 'unreadable'; // empty lines are skipped by all, blanks by some
  if (lineEnd < 0) return !tooLong ? 'more' : TARGET_NEXT.test(line) ? 'unreadable' : 'none';
  if (!isHttp) return SIMPLE_REQUEST.test(line) ? 'unreadable' : 'none';
  const end = headEnd(bytes, lineEnd);
  if (end < 0) return tooLong ? 'unreadable' : 'more';
  const head = parseRequestHead(bytes.subarray(start, end));
  if (typeof head === 'string') return 'unreadable';
  const authorities = head.headers.filter(({ key }) => key === 'host').map(({ value }) => value);
  const absolute = absoluteTarget(head.target);
  if (absolute !== null) authorities.push(absolute.authority);
  else if (head.method === 'CONNECT') authorities.push(head.target);
  const hosts = authorities
    .filter((authority) => authority !== '')
    .map((authority) => canonicalHost(splitPort(authority).hostText)); // user information is not a host name
  return hosts.every((host) => host !== null) ? hosts : 'unreadable';
}

/** The index after the first empty line, for any form of line break; -1: there is none yet. */
function headEnd(bytes: Buffer, from: number): number {
  for (let lf = from; lf >= 0; lf = bytes.indexOf(LF, lf + 1)) {
    if (bytes[lf + 1] === LF) return lf + 2;
    if (bytes[lf + 1] === CR && bytes[lf + 2] === LF) return lf + 3;
  }
  return -1;
}
