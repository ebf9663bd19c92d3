/** One HTTP/2 stream, as what is forwarded for it sees its client. */
import type http from 'node:http';
import http2 from 'node:http2';
import { bareObject } from '../../system/node/objects.js';
import { finalStatus, passBody, type ClientEnd } from '../proxy/http/client-end.js';
import { clientHeaders } from '../proxy/http/headers.js';
import { answerFields } from '../proxy/http/local-answers.js';

export function http2Client(stream: http2.ServerHttp2Stream, method: string): ClientEnd {
  const isGone = (): boolean => stream.destroyed || stream.closed || stream.aborted;
  return {
    get gone() {
      return isGone();
    },
    watch(gone) {
      stream.once('close', gone);
      stream.once('aborted', gone);
      if (isGone()) gone();
      return () => {
        stream.off('close', gone);
        stream.off('aborted', gone);
      };
    },
    body: () => stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>,
    continue() {
      if (!stream.headersSent && !isGone()) stream.additionalHeaders({ ':status': 100 });
    },
    async pass(response) {
      const status = finalStatus(response);
      const bodiless = method === 'HEAD' || status === 204 || status === 304;
      stream.respond({ ...grouped(response.rawHeaders), ':status': status }, { endStream: bodiless });
      if (bodiless) await drained(response);
      else await passBody(response, stream, (piece) => stream.write(piece));
      finish(stream, bodiless);
      return 'keep';
    },
    answer(answer) {
      if (isGone()) return 'close';
      const body = Buffer.from(answer.body ?? '');
      const bodiless = method === 'HEAD' || body.length === 0;
      const fields = Object.fromEntries(answerFields(answer));
      stream.respond({ ...fields, 'content-length': body.length, ':status': answer.status }, { endStream: bodiless });
      if (!bodiless) stream.write(body);
      finish(stream, bodiless);
      return 'keep';
    },
    cutOff: () => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR),
  };
}

/** Fields of one name are one entry; an upstream that repeats what may stand once only is refused by http2 itself. */
function grouped(raw: readonly string[]): Record<string, string | string[]> {
  const fields = bareObject<string | string[]>();
  for (const { key, value } of clientHeaders(raw)) {
    const known = fields[key];
    if (known === undefined) fields[key] = value;
    else if (Array.isArray(known)) known.push(value);
    else fields[key] = [known, value];
  }
  return fields;
}

/** A response without a body still has to be read to its end, so that its connection can serve again. */
function drained(response: http.IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
    response.once('end', resolve);
    response.resume();
  });
}

/** The answer is complete. A client that still sends learns that the rest is not read (RFC 9113 §8.1). */
function finish(stream: http2.ServerHttp2Stream, ended: boolean): void {
  if (!ended) stream.end();
  if (stream.readableEnded || stream.endAfterHeaders) return;
  if (stream.writableFinished) stream.close(http2.constants.NGHTTP2_NO_ERROR);
  else stream.once('finish', () => stream.close(http2.constants.NGHTTP2_NO_ERROR));
}
