/**
 * One connection of HTTP/2 to an upstream.
 *
 * Threat: an upstream that pushes, opens what nobody asked for, or makes the daemon hold its answers in memory.
 * Rule: pushes are off; heads and fields are bounded; each stream holds at most its window while its client does not
 * read; flow control of the connection does not wait for a slow stream (Node gives its window back at once).
 * Non-scope: one request on it (http2-request.ts).
 */
import type http2 from 'node:http2';
import type tls from 'node:tls';

export interface Http2Line {
  readonly remoteAddress: string | undefined;
  /** Open streams. */
  readonly streams: number;
  /** It takes a further stream now. */
  readonly hasRoom: boolean;
  /** It has had a request before. */
  readonly isUsed: boolean;
  request(headers: http2.OutgoingHttpHeaders, options: http2.ClientSessionRequestOptions): http2.ClientHttp2Stream;
  /** The upstream wants HTTP/1.1 (RFC 9113 §7, HTTP_1_1_REQUIRED). */
  wantsHttp1(): void;
  /** Called once, when no further request may use it. */
  onGone: (wanted: 'http1' | 'nothing') => void;
}

/** Octets of an answer's head, and fields of it. */
const MAX_ANSWER_HEAD = 64 * 1024;
const MAX_ANSWER_FIELDS = 1000;
/** Octets that one stream, and all together, may send before they are read: far connections need more than 64 KiB. */
const STREAM_WINDOW = 512 * 1024;
const CONNECTION_WINDOW = 8 * 1024 * 1024;
/** Streams at once, until the upstream has said how many. */
const FIRST_STREAMS = 100;

/** `secured` is connected. `idleMs`: how long it is kept without a stream, in milliseconds. */
export function http2Line(node: typeof http2, secured: tls.TLSSocket, idleMs: number): Http2Line {
  const { remoteAddress } = secured;
  // The name is for Node alone: each request has its own authority.
  const session = node.connect('https://upstream.invalid', {
    createConnection: () => secured,
    maxHeaderListPairs: MAX_ANSWER_FIELDS,
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW, maxHeaderListSize: MAX_ANSWER_HEAD },
  });
  let streams = 0;
  let isUsed = false;
  let isGone = false;
  let idle: NodeJS.Timeout | undefined;
  const gone = (wanted: 'http1' | 'nothing'): void => {
    if (isGone) return;
    isGone = true;
    clearTimeout(idle);
    line.onGone(wanted);
  };
  const wait = (): void => {
    clearTimeout(idle);
    idle = setTimeout(() => {
      gone('nothing');
      session.close();
    }, idleMs);
  };
  // Pushed before the upstream had read the settings; later it is an error of the connection.
  session.on('stream', (pushed) => pushed.close(node.constants.NGHTTP2_REFUSED_STREAM));
  session.on('error', () => {}); // each stream tells its own request
  session.on('goaway', () => gone('nothing'));
  session.on('close', () => gone('nothing'));
  session.once('connect', () => session.setLocalWindowSize(CONNECTION_WINDOW));
  secured.once('end', () => gone('nothing'));

  const line: Http2Line = {
    remoteAddress,
    get streams() {
      return streams;
    },
    get hasRoom() {
      const most = session.remoteSettings?.maxConcurrentStreams ?? FIRST_STREAMS;
      return !isGone && !session.closed && !session.destroyed && streams < most;
    },
    get isUsed() {
      return isUsed;
    },
    request(headers, options) {
      const stream = session.request(headers, options);
      isUsed = true;
      streams++;
      clearTimeout(idle);
      stream.once('close', () => {
        streams--;
        if (streams > 0) return;
        if (isGone) session.close();
        else wait();
      });
      return stream;
    },
    wantsHttp1: () => gone('http1'),
    onGone: () => {},
  };
  wait();
  return line;
}
