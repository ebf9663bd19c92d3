/**
 * A judged request in HTTP/2.
 *
 * Threat: a request or an answer that the two versions read differently: fields of one connection, a second host, a
 * line end in a value, a body that was cut off and looks whole.
 * Rule: the pseudo-headers come from what was judged; fields of one hop end here (http/headers.ts); fields of an answer
 * are held to HTTP/1.1's grammar; an answer is whole when its stream ended by itself.
 */
import type http2 from 'node:http2';
import { CodexdError } from '../../../errors/codexd-error.js';
import { bareObject } from '../../../system/node/objects.js';
import { hostInUrl } from '../../decide/targets.js';
import type { UpstreamAnswer } from '../http/client-end.js';
import { upstreamHeaders, wantsTrailers } from '../http/headers.js';
import { plainFields } from '../http/plain-fields.js';
import { cancelSoon, watchEnd } from '../http/stream-end.js';
import type { Header } from '../http/request-head.js';
import type { Http2Line } from './http2-line.js';
import { MAX_RESPONSE_HEAD, type Inform, type SentRequest, type UpstreamRequest } from './upstream-request.js';

/** RFC 9113 §6.4 and §7; Node's own are only there once the module is loaded. */
const END_STREAM = 0x1;
const REFUSED_STREAM = 0x7;
const HTTP_1_1_REQUIRED = 0xd;

/** Sends the head. Throws when the connection cannot take it. */
export function startHttp2(
  line: Http2Line,
  { head, destination, outcome }: UpstreamRequest,
  inform: Inform,
): SentRequest {
  const hasBody = head.body.kind !== 'none';
  const wasUsed = line.isUsed;
  const fields = upstreamHeaders(head.headers, destination, hasBody);
  const stream = line.request(
    {
      ':method': head.method,
      ':scheme': 'https',
      ':authority': fields.find(({ key }) => key === 'host')?.value ?? '',
      ':path': destination.path,
      ...joined(fields.filter(({ key }) => key !== 'host')),
      ...(wantsTrailers(head.headers) ? { te: 'trailers' } : {}),
    },
    { endStream: !hasBody, waitForTrailers: hasBody },
  );
  outcome.dialled(line.remoteAddress ?? hostInUrl(outcome.allowed.target.host));
  let trailers: readonly Header[] = [];
  let isWhole = !hasBody;
  stream.on('error', () => {}); // shown by its close
  stream.on('frameError', () => cancelSoon(stream)); // the head was not sent
  stream.on('wantTrailers', () => {
    isWhole = true;
    stream.sendTrailers(joined(trailers));
  });
  stream.on('headers', (_headers, _flags, raw: string[] = []) => {
    const status = Number(raw[raw.indexOf(':status') + 1]);
    const plain = plainFields(raw);
    if (plain !== null && status >= 100) inform(status, plain);
  });
  stream.once('close', () => {
    if (stream.rstCode === HTTP_1_1_REQUIRED) line.wantsHttp1();
  });
  const answer = answerOf(stream);
  answer.catch(() => {}); // the caller that awaits it gets the error
  return {
    answer,
    body: stream,
    get isWhole() {
      return isWhole;
    },
    get failure() {
      if (stream.rstCode === REFUSED_STREAM || stream.rstCode === HTTP_1_1_REQUIRED) return 'unprocessed';
      return wasUsed ? 'kept' : 'other';
    },
    begin: () => {}, // the head is on its way
    end(fieldsBehind) {
      trailers = fieldsBehind;
      if (hasBody) stream.end();
    },
    abandon: () => cancelSoon(stream),
  };
}

/** Rejects when the stream ends without an answer. */
function answerOf(stream: http2.ClientHttp2Stream): Promise<UpstreamAnswer> {
  let trailers: readonly string[] | null = [];
  const isWhole = watchEnd(stream);
  return new Promise((resolve, reject) => {
    stream.on('trailers', (_headers, _flags, raw: string[] = []) => (trailers = plainFields(raw)));
    stream.on('error', reject);
    stream.once('close', () =>
      reject(new CodexdError('network.upstream', `the upstream ended the stream (code ${stream.rstCode ?? 0})`)),
    );
    stream.once('response', (_headers, flags, raw: string[] = []) => {
      const rawHeaders = plainFields(raw);
      if (rawHeaders === null || raw.join('').length > MAX_RESPONSE_HEAD) {
        const what = rawHeaders === null ? 'a field of the answer is malformed' : 'the head of the answer is too long';
        reject(new CodexdError('network.upstream', what));
        return cancelSoon(stream);
      }
      resolve({
        status: Number(raw[raw.indexOf(':status') + 1]),
        phrase: null,
        rawHeaders,
        endsWithHead: (flags & END_STREAM) !== 0,
        body: stream,
        get complete() {
          return isWhole() && trailers !== null;
        },
        get rawTrailers() {
          return trailers ?? [];
        },
      });
    });
  });
}

/** One value a name (RFC 9110 §5.3): Node refuses repeated names that it knows as single. */
function joined(fields: readonly Header[]): Record<string, string> {
  const all = bareObject<string>();
  for (const { key, value } of fields) {
    const known = all[key];
    all[key] = known === undefined ? value : `${known}${key === 'cookie' ? '; ' : ', '}${value}`;
  }
  return all;
}
