/** One HTTP/2 stream, as what is forwarded for it sees its client. */
import http2 from 'node:http2';
import type { Readable } from 'node:stream';
import { CodexdError } from '../../errors/codexd-error.js';
import { bareObject } from '../../system/node/objects.js';
import { finalStatus, passBody, type ClientEnd } from '../proxy/http/client-end.js';
import { clientHeaders } from '../proxy/http/headers.js';
import { answerFields } from '../proxy/http/local-answers.js';
import { plainFields } from '../proxy/http/plain-fields.js';
import type { Header } from '../proxy/http/request-head.js';
import { watchEnd } from '../proxy/http/stream-end.js';
import { passableTrailers } from '../proxy/http/trailers.js';

export function http2Client(stream: http2.ServerHttp2Stream, method: string): ClientEnd {
  /** Null: malformed. */
  let rawTrailers: readonly string[] | null = [];
  stream.on('trailers', (_headers, _flags, raw: string[] = []) => (rawTrailers = plainFields(raw)));
  const isEnded = watchEnd(stream);
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
    async *body() {
      yield* stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
      if (!isEnded()) throw new CodexdError('proxy.body', 'the body was cut off');
    },
    trailers() {
      if (rawTrailers === null) throw new CodexdError('proxy.body', 'the trailer is malformed');
      return passableTrailers(rawTrailers);
    },
    inform(status, rawHeaders) {
      if (stream.headersSent || isGone() || status === 101) return;
      stream.additionalHeaders({ ...grouped(clientHeaders(rawHeaders)), ':status': status });
    },
    async pass(answer) {
      const status = finalStatus(answer);
      const bodiless = method === 'HEAD' || status === 204 || status === 304 || answer.endsWithHead;
      let trailers: readonly Header[] = [];
      stream.on('wantTrailers', () => stream.sendTrailers(grouped(trailers)));
      const headers = { ...grouped(clientHeaders(answer.rawHeaders, !bodiless)), ':status': status };
      stream.respond(headers, { endStream: bodiless, waitForTrailers: !bodiless });
      if (bodiless) await drained(answer.body);
      else await passBody(answer, stream, (piece) => stream.write(piece));
      trailers = passableTrailers(answer.rawTrailers);
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
function grouped(headers: readonly Header[]): Record<string, string | string[]> {
  const fields = bareObject<string | string[]>();
  for (const { key, value } of headers) {
    const known = fields[key];
    if (known === undefined) fields[key] = value;
    else if (Array.isArray(known)) known.push(value);
    else fields[key] = [known, value];
  }
  return fields;
}

/** A response without a body still has to be read to its end, so that its connection can serve again. */
function drained(response: Readable): Promise<void> {
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
