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
