/**
 * HTTP/2 inside an intercepted tunnel: each stream is a request like any other.
 *
 * Threat: what HTTP/2 can carry and HTTP/1.1 would read as something else (a line end in a path or value, two hosts): a
 * request smuggled through the translation; streams opened without end.
 * Rule: pseudo-headers and fields are held to HTTP/1.1's own grammar before they are judged; `:authority` and Host
 * agree; pushes and extended CONNECT are off; streams, fields and their sizes are bounded, and so are requests whose
 * streams the client has reset already (rapid reset).
 */
import http2 from 'node:http2';
import type tls from 'node:tls';
import type { CommandPort } from '../proxy/upstream/command-port.js';
import {
  isFieldValue,
  MAX_FIELDS,
  MAX_HEAD,
  type BodyFraming,
  type Header,
  type RequestHead,
} from '../proxy/http/request-head.js';
import { isToken } from '../proxy/http/token.js';
import type { Target } from '../decide/targets.js';
import { http2Client } from './http2-client.js';
import { serveInner } from './inner-request.js';

/** Streams of one connection at once. */
const MAX_STREAMS = 100;
/** Octets of an answer's head on the wire, more than upstreams may send: of a longer one Node sends nothing at all. */
const MAX_ANSWER_BLOCK = 256 * 1024;
/** Requests of one connection that are being served, those of streams that were reset included. */
const MAX_SERVED = 2 * MAX_STREAMS;

const PATH = /^(?:\/[\x21-\x7e\x80-\xff]*|\*)$/;

/** Serves until the connection closes; it is closed when its command ends. */
export function serveHttp2(secure: tls.TLSSocket, target: Target, command: CommandPort): void {
  const server = http2.createServer({
    maxHeaderListPairs: MAX_FIELDS + 8, // the pseudo-headers come on top
    maxSendHeaderBlockLength: MAX_ANSWER_BLOCK,
    settings: { enablePush: false, maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: MAX_HEAD },
  });
  server.on('sessionError', () => secure.destroy());
  let served = 0;
  server.on('stream', (stream, _headers, _flags, raw: string[] = []) => {
    stream.on('error', () => {}); // shown by its close
    stream.on('frameError', () => stream.destroy());
    if (served >= MAX_SERVED) return stream.session?.destroy(undefined, http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
    served++;
    serveStream(stream, raw, target, command)
      .catch((error: unknown) => {
        command.fault(error);
        stream.destroy();
      })
      .finally(() => served--);
  });
  secure.allowHalfOpen = false; // a client that has ended has no more streams
  server.emit('connection', secure);
}

async function serveStream(
  stream: http2.ServerHttp2Stream,
  raw: readonly string[],
  target: Target,
  command: CommandPort,
): Promise<void> {
  const head = headOf(raw, stream.endAfterHeaders);
  const client = http2Client(stream, head?.method ?? 'GET');
  if (head === null) return void client.answer({ status: 400 });
  const served = await serveInner(head, target, command, client);
  if (typeof served !== 'string') client.answer(served.answer);
}

/** The same request as HTTP/1.1 would write it; null when it cannot be written so. */
function headOf(raw: readonly string[], ended: boolean): RequestHead | null {
  const pseudo = new Map<string, string>();
  const headers: Header[] = [];
  const cookies: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const value = raw[i + 1] ?? '';
    if (name.startsWith(':')) pseudo.set(name, value);
    else if (!isToken(name) || !isFieldValue(value) || value !== value.trim()) return null;
    else if (name === 'cookie') cookies.push(value);
    else headers.push({ name, key: name.toLowerCase(), value });
  }
  if (cookies.length > 0) headers.push({ name: 'cookie', key: 'cookie', value: cookies.join('; ') }); // RFC 9113 §8.2.3
  const method = pseudo.get(':method') ?? '';
  const path = pseudo.get(':path') ?? (method === 'CONNECT' ? '*' : '');
  const authority = pseudo.get(':authority');
  const hosts = headers.filter(({ key }) => key === 'host');
  if (!isToken(method) || !PATH.test(path) || hosts.length > 1) return null;
  if (pseudo.get(':scheme') !== 'https' && method !== 'CONNECT') return null;
  if (authority !== undefined) {
    // Both, and unequal: two readers would see two hosts (RFC 9113 §8.3.1).
    if (hosts[0] !== undefined && hosts[0].value.toLowerCase() !== authority.toLowerCase()) return null;
    if (hosts[0] === undefined) headers.unshift({ name: 'Host', key: 'host', value: authority });
  }
  return {
    method,
    target: path,
    minorVersion: 1,
    headers,
    body: bodyOf(headers, ended),
    keepAlive: true,
    expectContinue: headers.some(({ key, value }) => key === 'expect' && value.toLowerCase() === '100-continue'),
  };
}

/** HTTP/2 itself holds the body to its content-length (RFC 9113 §8.1.1). */
function bodyOf(headers: readonly Header[], ended: boolean): BodyFraming {
  if (ended) return { kind: 'none' };
  const length = headers.find(({ key }) => key === 'content-length');
  return length === undefined ? { kind: 'chunked' } : { kind: 'length', length: Number(length.value) };
}
