import fs from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startDaemon } from '../fixtures/daemon.js';
import { scratchFolder, testAuthority } from '../network-approval/support/certificates.js';

/** Hooks of a permission profile as a client of the daemon sees them: real sandboxed commands, curl inside. */
if (process.platform !== 'linux') t.bailout('lanes are network namespaces: they exist on Linux only');

t.setTimeout(120_000);

const profile = (hooks: string, onDenial: string): string => `
default_permissions = "test"
[features]
network_proxy = true
[permissions.test.filesystem]
":root" = "read"
[permissions.test.network]
enabled = true
[permissions.test.network.domains]
"localhost" = "allow"
[permissions.test.network.mitm.hooks.a]
host = "localhost"
methods = ["GET"]
path_prefixes = ["/repo/"]
action = ["x"]
[permissions.test.network.mitm.actions.x]
${hooks}
[codexd.command_exec]
on_network_denial = "${onDenial}"
`;

async function setUp(t: Test, actions: string, onDenial = 'refuse') {
  const authority = testAuthority(t);
  const seen: https.RequestOptions['headers'][] = [];
  const server = https.createServer(authority.issue('DNS:localhost'), (request, response) => {
    seen.push(request.headers);
    response.end(`up ${request.method} ${request.url}\n`);
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const daemon = await startDaemon({
    config: profile(actions, onDenial),
    env: { CODEX_CA_CERTIFICATE: authority.file, HOOK_TOKEN: 'from-the-environment' },
  });
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  const run = (line: string) =>
    client.request('command/exec', { command: ['bash', '-c', line], cwd: '/', timeoutMs: 30_000 });
  return { run, seen, url: `https://localhost:${(server.address() as AddressInfo).port}` };
}

void t.test('a command uses secrets that it cannot see', async (t) => {
  const file = path.join(scratchFolder(t), 'secret');
  fs.writeFileSync(file, 'from-the-file\n', { mode: 0o644 });
  const inject = `inject_request_headers = [{ name = "x-a", secret_env_var = "HOOK_TOKEN" }, { name = "x-b", secret_file = "${file}" }]`;
  const { run, seen, url } = await setUp(t, `strip_request_headers = ["authorization"]\n${inject}`);
  const result = await run(
    `curl -sS -H 'Authorization: mine' ${url}/repo/a; curl -sS ${url}/other; echo "token:$HOOK_TOKEN"; cat ${file} 2>/dev/null; env | grep -c from-the; true`,
  );
  t.strictSame(result, {
    exitCode: 0,
    stdout: 'up GET /repo/a\nHTTPS request denied by MITM hook policy.token:\n0\n',
    stderr: '',
  });
  t.match(seen, [{ 'x-a': 'from-the-environment', 'x-b': 'from-the-file' }]);
  t.notOk(seen[0]?.['authorization' as never]);
});

void t.test('a request that no hook allows ends the command, and says so', async (t) => {
  const { run, seen, url } = await setUp(t, 'strip_request_headers = ["authorization"]', 'cancel');
  const result = (await run(`curl -sS ${url}/other; sleep 20; echo unreachable`)) as { networkDenial?: object };
  t.match(result.networkDenial, { host: 'localhost', protocol: 'https', reason: 'mitm_hook_denied', rule: null });
  t.strictSame(seen, []);
});

void t.test('without the secret no command runs, and the error does not show what was found', async (t) => {
  const { run } = await setUp(t, 'inject_request_headers = [{ name = "x-a", secret_env_var = "HOOK_MISSING" }]');
  await t.rejects(run('echo ran'), {
    message: /injected header x-a: the environment variable HOOK_MISSING is missing/,
  });
});
