import type http2 from 'node:http2';

/**
 * Whether the other side has ended its part of a stream of HTTP/2. Called before anything of the part is read.
 *
 * Threat: a body that was cut off and looks whole. Node ends the readable side of a stream that is reset, too, and
 * shows no error when the code of the reset is NO_ERROR or CANCEL. Only then the stream is closed before its end is
 * pushed.
 * The other direction: Node ends a stream before it resets it, unless it was begun with `waitForTrailers`.
 */
export function watchEnd(stream: http2.Http2Stream): () => boolean {
  let isEnded = stream.readableEnded || stream.state.remoteClose === 1;
  const push = stream.push.bind(stream);
  stream.push = (piece, encoding) => {
    if (piece === null && !stream.closed) isEnded = true;
    return push(piece, encoding);
  };
  return () => isEnded;
}

/** RFC 9113 §7; Node's own is only there once the module is loaded. */
const CANCEL = 0x8;

/**
 * Resets a stream of HTTP/2 that is not needed any more, in the next turn of the event loop.
 *
 * Threat: the end of the daemon. A reset with CANCEL waits while the connection is being read, but Node destroys the
 * stream at once. If it was begun with `waitForTrailers`, Node 22 and 26 then ask the destroyed stream for its
 * trailers, which is a failed assertion. In a turn of its own the reset goes out first.
 */
export function cancelSoon(stream: http2.Http2Stream): void {
  setImmediate(() => {
    if (!stream.closed) stream.close(CANCEL);
  });
}
