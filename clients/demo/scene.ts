import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packageRoot } from '../../server/package/package-root.js';

/**
 * The environment of the demo: a scratch folder that is removed afterwards, and a server on loopback for its requests.
 */
export interface Scene {
  /** A Codex home with its own configuration: the demo does not use the person's home. */
  readonly home: string;
  /** The working folder of the commands. */
  readonly work: string;
  /** `http://localhost:PORT` */
  readonly upstream: string;
  /** The paths of the requests that the upstream received, in order. */
  readonly requests: readonly string[];
  remove(): Promise<void>;
}

export async function setScene(): Promise<Scene> {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'codexd-demo-')));
  const [home, work] = [path.join(root, 'home'), path.join(root, 'work')];
  mkdirSync(home);
  mkdirSync(work);
  writeFileSync(path.join(home, 'config.toml'), `model_provider = "cassette"\n${CONFIG}${turnConfig()}`);
  writeFileSync(path.join(work, 'notes.txt'), NOTES);
  writeFileSync(path.join(work, 'fetch.cjs'), FETCH);
  writeFileSync(path.join(work, 'fetch.sh'), `#!/bin/sh\nexec '${process.execPath}' fetch.cjs "$1"\n`, { mode: 0o755 });

  const requests: string[] = [];
  const server = http.createServer((request, response) => {
    requests.push(request.url ?? '');
    response.end(
      request.url === '/meeting'
        ? 'The meeting has moved to five.\n'
        : `hello from the allowed host, you asked for ${request.url}\n`,
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const upstream = `http://localhost:${(server.address() as AddressInfo).port}`;
  writeFileSync(path.join(work, 'upstream.txt'), `${upstream}\n`);
  return {
    home,
    work,
    upstream,
    requests,
    remove: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export const NOTES = 'The meeting is at four.\n';

/** The host that the policy denies by name. The proxy never looks it up. */
export const DENIED_HOST = 'denied.example';

/** The rules list `localhost` by name, so it is allowed although other local addresses are refused. */
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

/** The permission profile of the turn. It lists no host, so every host needs an approval. */
export const TURN_PROFILE = 'turn';

/** The model of the turn is a cassette in this folder. A server on loopback replaces the internet. */
const turnConfig = (): string => `
[model_providers.cassette]
name = "The cassette of the demonstration"
wire_api = "replay"
cassette = ${JSON.stringify(path.join(packageRoot(), 'clients', 'demo', 'turn.cassette.jsonl'))}

[permissions.${TURN_PROFILE}.filesystem]
":root" = "read"
":workspace_roots" = "write"

[permissions.${TURN_PROFILE}.network]
enabled = true
allow_local_binding = true
`;

/**
 * A program that gets a URL through the proxy of its environment, like curl; only Node is certainly installed. The
 * program connects to the proxy itself: without `agent: false`, newer Node versions would use the proxy a second time
 * (NODE_USE_ENV_PROXY).
 */
const FETCH = `const http = require('node:http');
const url = process.argv[2];
const proxy = new URL(process.env.HTTP_PROXY);
const options = { host: proxy.hostname, port: proxy.port, path: url, headers: { host: new URL(url).host }, agent: false };
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
