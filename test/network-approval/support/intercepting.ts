import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import type { Test } from 'tap';
import type { AccessRequest } from '../../../server/network-approval/decide/decide.js';
import { canonicalHost } from '../../../server/network-approval/decide/targets.js';
import { createAuthority } from '../../../server/network-approval/interception/authority.js';
import { terminate } from '../../../server/network-approval/interception/terminate.js';
import { ByteReader } from '../../../server/network-approval/proxy/http/byte-reader.js';
import type { CommandPort } from '../../../server/network-approval/proxy/upstream/command-port.js';
import { createPool } from '../../../server/network-approval/proxy/upstream/pool.js';
import { createTrust } from '../../../server/network-approval/proxy/upstream/trust.js';
import { testAuthority } from './certificates.js';

export type Upstream = http2.Http2SecureServer | tls.Server;

/** Its port, and its connections. */
async function listening(t: Test, server: Upstream) {
  const open = new Set<net.Socket>();
  let connections = 0;
  server.on('secureConnection', (socket: tls.TLSSocket) => {
    connections++;
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, open, connections: () => connections };
}

/**
 * The daemon's end of a tunnel to `ok.test` with every method allowed, in front of the upstream that `make` gives.
 * `connect` makes a client's connection. `decided`: what each decision waits for.
 */
export async function startIntercepting(
  t: Test,
  make: (credentials: { readonly key: Buffer; readonly cert: Buffer }) => Upstream,
  { idleMs = 4000, decided = () => Promise.resolve() }: { readonly idleMs?: number; decided?(): Promise<void> } = {},
) {
  const certificates = testAuthority(t);
  const upstream = await listening(t, make(certificates.issue('DNS:ok.test')));
  const authority = await createAuthority();
  const asked: AccessRequest[] = [];
  const host = canonicalHost('ok.test');
  if (host === null) throw new Error('no host');
  const target = { host, port: upstream.port };
  const command: CommandPort = {
    pool: createPool(createTrust({ SSL_CERT_FILE: certificates.file }), idleMs),
    interceptFor: () => null,
    hooks: null,
    async decide(request) {
      asked.push(request);
      await decided();
      const allowed = {
        allowed: true,
        target,
        addresses: ['127.0.0.1'],
        rule: null,
        source: 'baseline_policy',
      } as const;
      return { kind: 'allowed', allowed, dialled() {} };
    },
    denies: () => true,
    via: () => null,
    admit: () => true,
    closeWithCommand: (socket) => t.teardown(() => socket.destroy()),
    fault: (error) => t.fail(String(error)),
  };
  const door = net.createServer((socket) => {
    socket.on('error', () => {});
    t.teardown(() => socket.destroy());
    const reader = new ByteReader(socket);
    terminate(authority, { socket, reader, command, target, protocol: 'https' }).catch(command.fault);
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  t.teardown(() => void door.close());

  async function connect(version: 'h2' | 'http/1.1'): Promise<tls.TLSSocket> {
    const socket = tls.connect({
      ...{ host: '127.0.0.1', port: (door.address() as AddressInfo).port },
      ...{ servername: 'ok.test', ca: authority.certificate, ALPNProtocols: [version] },
    });
    socket.on('error', () => {});
    t.teardown(() => socket.destroy());
    await once(socket, 'secureConnect');
    return socket;
  }
  const name = `ok.test:${upstream.port}`;
  return {
    upstream,
    asked,
    name,
    connect,
    async http2Client(): Promise<http2.ClientHttp2Session> {
      const socket = await connect('h2');
      const session = http2.connect(`https://${name}`, { createConnection: () => socket });
      session.on('error', () => {});
      return session;
    },
    /** Node's client, one connection a request. */
    async http1Client(options: http.RequestOptions): Promise<http.ClientRequest> {
      const socket = await connect('http/1.1');
      return http.request({ host: name, ...options, createConnection: () => socket });
    },
  };
}

/** What a client sees of an answer. */
export interface Seen {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly trailers: Readonly<Record<string, string>>;
  readonly informed: readonly number[];
  /** Whether the answer came to its own end. */
  readonly whole: boolean;
}

type Fields = Readonly<Record<string, string>>;

export interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Fields;
  readonly body?: readonly string[];
  readonly trailers?: Fields;
}

const plain = (fields: object): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]): [string, string] => [key, String(value)]));

/** One request with either version, and all that came back. */
export async function exchange(
  scene: Awaited<ReturnType<typeof startIntercepting>>,
  version: 'h2' | 'http/1.1',
  { method = 'GET', path = '/', headers = {}, body, trailers = {} }: Asked,
): Promise<Seen> {
  return version === 'h2' ? overHttp2() : overHttp1();

  async function overHttp2(): Promise<Seen> {
    const session = await scene.http2Client();
    const stream = session.request(
      { ':method': method, ':path': path, ...headers },
      { endStream: body === undefined, waitForTrailers: body !== undefined },
    );
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    for (const piece of body ?? []) stream.write(piece);
    if (body !== undefined) stream.end();
    const seen = { status: 0, headers: {}, body: '', trailers: {}, informed: [] as number[], whole: false };
    stream.on('headers', (fields) => seen.informed.push(fields[':status'] ?? 0));
    stream.on('response', (fields) => {
      seen.status = fields[':status'] ?? 0;
      seen.headers = plain(fields);
    });
    stream.on('trailers', (fields) => (seen.trailers = plain(fields)));
    stream.setEncoding('utf8').on('data', (piece: string) => (seen.body += piece));
    stream.on('error', () => {});
    await new Promise((done) => stream.once('close', done));
    session.destroy();
    return { ...seen, whole: stream.rstCode === 0 };
  }

  async function overHttp1(): Promise<Seen> {
    const request = await scene.http1Client({ method, path, headers: { host: scene.name, ...headers } });
    const informed: number[] = [];
    request.on('information', ({ statusCode }) => informed.push(statusCode));
    for (const piece of body ?? []) request.write(piece);
    if (Object.keys(trailers).length > 0) request.addTrailers(trailers);
    request.end();
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    let received = '';
    response.setEncoding('utf8').on('data', (piece: string) => (received += piece));
    response.on('error', () => {});
    await new Promise((done) => response.once('close', done));
    return {
      status: response.statusCode ?? 0,
      headers: plain(response.headers),
      body: received,
      trailers: plain(response.trailers),
      informed,
      whole: response.complete,
    };
  }
}
