import type http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import type { Test } from 'tap';
import type { NetworkApprovalOptions } from '../../../server/network-approval/approval-service.js';
import type { RegisterOptions } from '../../../server/network-approval/registration/registration.js';
import { scratchFolder, testAuthority } from './certificates.js';
import { policyOf } from './policy.js';
import { portsOf, register, startService } from './service.js';
import { open } from './wire.js';
import { startChild } from '../../fixtures/programs.js';

export interface SeenInside {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
}

/** An HTTPS server on the host's loopback that records what reaches it. */
export async function startSecureUpstream(
  t: Test,
  credentials: { readonly key: Buffer; readonly cert: Buffer },
  handler: (request: http.IncomingMessage, response: http.ServerResponse) => void = (request, response) =>
    response.end(`up ${request.method} ${request.url}`),
) {
  const seen: SeenInside[] = [];
  const open = new Set<net.Socket>();
  const server = https.createServer({ ...credentials }, (request, response) => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    handler(request, response);
  });
  server.on('connection', (socket: net.Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port, seen, open };
}

/**
 * A command in limited mode that may reach `ok.test`, 127.0.0.1 and what lies below; an upstream that the daemon
 * trusts.
 */
export async function startLimited(
  t: Test,
  {
    handler,
    changes = {},
    options = {},
    names = ['DNS:ok.test', 'DNS:*.ok.test', 'IP:127.0.0.1'],
  }: {
    readonly handler?: Parameters<typeof startSecureUpstream>[2];
    readonly changes?: Partial<RegisterOptions>;
    readonly options?: Partial<NetworkApprovalOptions>;
    readonly names?: readonly string[];
  } = {},
) {
  const authority = testAuthority(t);
  const codexHome = scratchFolder(t);
  const { environment = {}, ...rest } = options;
  const service = startService(t, {
    codexHome,
    environment: { SSL_CERT_FILE: authority.file, ...environment },
    ...rest,
  });
  const upstream = await startSecureUpstream(t, authority.issue(...names), handler);
  const registration = await register(service.service, {
    policy: policyOf(
      { '**.ok.test': 'allow', '127.0.0.1': 'allow', 'evil.test': 'deny' },
      { allowLocalBinding: true, mode: 'limited' },
    ),
    ...changes,
  });
  t.teardown(() => {
    registration.finish({ treeGone: true });
    if (service.warnings.length > 0) throw new Error(`a fault of the proxy itself: ${service.warnings.join()}`);
  });
  const bundle = registration.lane?.environment['SSL_CERT_FILE'] ?? '';
  const http = portsOf(registration).http;

  /** TLS inside a tunnel, as a client makes it. Rejects with the client's own error. */
  async function inside(
    target: string,
    more: tls.ConnectionOptions = {},
  ): Promise<{ readonly socket: tls.TLSSocket; readonly raw: net.Socket }> {
    const { readFileSync } = await import('node:fs');
    const tunnel = await open(http);
    tunnel.send(`CONNECT ${target} HTTP/1.1\r\n\r\n`);
    await tunnel.until(/200 OK\r\n\r\n/);
    tunnel.socket.removeAllListeners('data');
    const name = target.replace(/:\d+$/, '');
    const socket = tls.connect({
      socket: tunnel.socket,
      ca: readFileSync(bundle),
      ...(/^[\d.]+$/.test(name) ? { host: name } : { servername: name }),
      ...more,
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('closed')));
    });
    socket.on('error', () => {});
    return { socket, raw: tunnel.socket };
  }

  return {
    ...service,
    authority,
    codexHome,
    upstream,
    registration,
    bundle,
    http,
    inside,
    host: `ok.test:${upstream.port}`,
  };
}

/** curl with the command's environment, outside of a sandbox. */
export function curl(
  environment: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = startChild('curl', ['-sS', '--suppress-connect-headers', '-m', '20', ...args], {
    env: { PATH: process.env['PATH'], ...environment },
    extendEnv: false,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (output += piece.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
