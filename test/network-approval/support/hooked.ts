import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Test } from 'tap';
import type { MitmHook } from '../../../server/config/permissions/mitm-hooks.js';
import type { RegisterOptions } from '../../../server/network-approval/registration/registration.js';
import { testAuthority } from './certificates.js';
import { hookOf } from './hooks.js';
import { startLimited } from './limited.js';
import { policyOf } from './policy.js';

export type Version = 'http1' | 'http2';

/** A request as its upstream saw it. */
export interface Arrived {
  readonly version: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly trailers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Pieces; without a length in the headers they go in chunks. */
  readonly body?: readonly (string | Buffer)[];
  readonly trailers?: Readonly<Record<string, string>>;
  /** The host of the tunnel: `ok.test` by default. */
  readonly name?: string;
}

/**
 * A command with one hook of `ok.test`, whose upstream speaks `version`, and clients of both versions. `hookFor` gets
 * the upstream's port. The answer is the body as it arrived; `/refused` gets none, and a WebSocket is opened.
 */
export async function startHooked(
  t: Test,
  version: Version,
  hookFor: (port: number) => Partial<MitmHook>,
  {
    environment = {},
    onDenial = 'refuse',
  }: {
    readonly environment?: Readonly<Record<string, string>>;
    readonly onDenial?: RegisterOptions['onDenial'];
  } = {},
) {
  const authority = testAuthority(t);
  const arrived: Arrived[] = [];
  const credentials = authority.issue('DNS:ok.test', 'DNS:*.ok.test');
  const serve = (
    request: http.IncomingMessage | http2.Http2ServerRequest,
    answer: http.ServerResponse | http2.Http2ServerResponse,
  ): void => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('error', () => {}); // a client that breaks off
    request.once('end', () => {
      const body = Buffer.concat(pieces).toString('latin1');
      const { httpVersion, method = '', url: path = '', headers, trailers } = request;
      arrived.push({ version: httpVersion, method, path, headers, body, trailers });
      if (path !== '/refused') return void answer.end(body.slice(0, 1000));
      // "Not acted on": what has no body may be sent again (RFC 9113 §8.7).
      if ('stream' in answer) answer.stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
      else answer.destroy();
    });
  };
  const server =
    version === 'http2'
      ? http2.createSecureServer({ ...credentials, allowHTTP1: true }, serve)
      : https.createServer(credentials, serve);
  server.on(
    'upgrade',
    ({ httpVersion, method = '', url: path = '', headers }: http.IncomingMessage, socket: Duplex) => {
      arrived.push({ version: httpVersion, method, path, headers, body: '', trailers: {} });
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nopened');
    },
  );
  server.on('tlsClientError', () => {});
  server.on('sessionError', () => {});
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const hook = hookOf({ paths: ['/'], methods: ['GET', 'POST', 'PUT'], strip: [], ...hookFor(port) });
  const scene = await startLimited(t, {
    changes: {
      policy: policyOf({ '**.ok.test': 'allow' }, { allowLocalBinding: true, hooks: [hook] }),
      onDenial,
    },
    options: { environment: { SSL_CERT_FILE: authority.file, ...environment } },
  });

  /** One request in a tunnel of its own. Rejects when the answer does not come, or not to its end. */
  const send = (client: Version, sent: Sent = {}): Promise<{ readonly status: number; readonly text: string }> =>
    (client === 'http1' ? sendHttp1 : sendHttp2)(t, scene, `${sent.name ?? 'ok.test'}:${port}`, sent);

  return { ...scene, arrived, port, send };
}

type Scene = Pick<Awaited<ReturnType<typeof startLimited>>, 'inside'>;

async function sendHttp1(t: Test, { inside }: Scene, host: string, sent: Sent) {
  const { path = '/', method = 'POST', headers = {}, body = [], trailers = {} } = sent;
  const { socket } = await inside(host);
  t.teardown(() => socket.destroy());
  const request = http.request({ createConnection: () => socket, path, method, headers: { host, ...headers } });
  const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
  });
  for (const piece of body) request.write(piece);
  request.addTrailers(trailers);
  request.end();
  const answer = await answered;
  return { status: answer.statusCode ?? 0, text: await textOf(answer) };
}

async function sendHttp2(t: Test, { inside }: Scene, host: string, sent: Sent) {
  const { path = '/', method = 'POST', headers = {}, body = [], trailers } = sent;
  const { socket } = await inside(host, { ALPNProtocols: ['h2'] });
  const session = http2.connect(`https://${host}`, { createConnection: () => socket });
  session.on('error', () => {}); // the stream's own error is what counts
  t.teardown(() => session.destroy());
  const head = { ':path': path, ':method': method, ...headers };
  const stream = session.request(head, { endStream: body.length === 0, waitForTrailers: trailers !== undefined });
  if (trailers !== undefined) stream.once('wantTrailers', () => stream.sendTrailers(trailers));
  const answered = new Promise<number>((resolve, reject) => {
    stream.once('response', (fields) => resolve(fields[':status'] ?? 0));
    stream.once('error', reject);
    stream.once('close', () => reject(new Error('no answer')));
  });
  if (body.length > 0) {
    for (const piece of body) stream.write(piece);
    stream.end();
  }
  const status = await answered;
  return { status, text: await textOf(stream) };
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}
