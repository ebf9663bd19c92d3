import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What the demonstration plays with: a scratch folder that is gone afterwards, and a server on loopback to talk to. */
export interface Scene {
  /** A Codex home with a configuration of its own: the person's home has no part in the show. */
  readonly home: string;
  /** Where the commands run. */
  readonly work: string;
  /** `http://localhost:PORT` */
  readonly upstream: string;
  /** Paths that the upstream was asked for, in order. */
  readonly requests: readonly string[];
  remove(): Promise<void>;
}

export async function setScene(): Promise<Scene> {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'codexd-demo-')));
  const [home, work] = [path.join(root, 'home'), path.join(root, 'work')];
  mkdirSync(home);
  mkdirSync(work);
  writeFileSync(path.join(home, 'config.toml'), CONFIG);
  writeFileSync(path.join(work, 'notes.txt'), NOTES);
  writeFileSync(path.join(work, 'fetch.cjs'), FETCH);

  const requests: string[] = [];
  const server = http.createServer((request, response) => {
    requests.push(request.url ?? '');
    response.end(`hello from the allowed host, you asked for ${request.url}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    home,
    work,
    upstream: `http://localhost:${(server.address() as AddressInfo).port}`,
    requests,
    remove: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export const NOTES = 'The meeting is at four.\n';

/** The host that the policy denies by name. It is never looked up, let alone dialled. */
export const DENIED_HOST = 'denied.example';

/** `localhost` is listed by name, so it may be reached although local addresses are otherwise refused. */
export const CONFIG = `default_permissions = "demo"

[features]
network_proxy = true

[permissions.demo.filesystem]
":root" = "read"
":workspace_roots" = "write"

[permissions.demo.network]
enabled = true

[permissions.demo.network.domains]
"localhost" = "allow"
"${DENIED_HOST}" = "deny"
`;

/** A program that gets a URL through the proxy of its environment, as curl would; Node alone is sure to be here. */
const FETCH = `const http = require('node:http');
const url = process.argv[2];
const proxy = new URL(process.env.HTTP_PROXY);
const options = { host: proxy.hostname, port: proxy.port, path: url, headers: { host: new URL(url).host } };
http
  .get(options, (response) => {
    process.stdout.write('HTTP ' + response.statusCode + ': ');
    response.pipe(process.stdout);
  })
  .on('error', (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
`;
