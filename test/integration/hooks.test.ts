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

const profile = (actions: string, onDenial: string): string => `
default_permissions = "test"
[features]
network_proxy = true
[permissions.test.filesystem]
":root" = "read"
[permissions.test.network]
enabled = true
[permissions.test.network.domains]
"localhost" = "allow"
[permissions.test.network.mitm]
version = 2
[permissions.test.network.mitm.hooks.a]
host = "localhost"
methods = ["GET", "POST"]
path_prefixes = ["/repo/"]
action = ["x"]
[permissions.test.network.mitm.actions.x]
${actions}
[codexd.command_exec]
on_network_denial = "${onDenial}"
`;

/** `actions` may contain PORT, the upstream's. */
async function setUp(t: Test, actions: string, onDenial = 'refuse') {
  const authority = testAuthority(t);
  const seen: https.RequestOptions['headers'][] = [];
  const bodies: string[] = [];
  const server = https.createServer(authority.issue('DNS:localhost'), (request, response) => {
    seen.push(request.headers);
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.once('end', () => {
      bodies.push(body);
      response.end(`up ${request.method} ${request.url}\n`);
    });
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const daemon = await startDaemon({
    config: profile(actions.replaceAll('PORT', String(port)), onDenial),
    env: { CODEX_CA_CERTIFICATE: authority.file, HOOK_TOKEN: 'from-the-environment', HOOK_ID: 'AKIAREAL' },
  });
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  const run = (line: string) =>
    client.request('command/exec', { command: ['bash', '-c', line], cwd: '/', timeoutMs: 30_000 });
  return { run, seen, bodies, url: `https://localhost:${port}` };
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

void t.test('a command sends and signs with what it does not have', async (t) => {
  const file = path.join(scratchFolder(t), 'secret');
  fs.writeFileSync(file, 'from-the-file\n', { mode: 0o644 });
  const replacement = `{ placeholder = "PLACEHOLDER-0123", secret = { file = "${file}" } }`;
  const { run, seen, bodies, url } = await setUp(
    t,
    `body_secret_substitution = { port = PORT, replacements = [${replacement}] }
[permissions.test.network.mitm.actions.x.aws_sigv4]
placeholder_access_key_id = "AKIAPLACEHOLDER"
region = "eu-west-1"
service = "sqs"
access_key_id = { env_var = "HOOK_ID" }
secret_access_key = { env_var = "HOOK_TOKEN" }
port = PORT`,
  );
  const result = await run(
    `curl -sS -d 'a=PLACEHOLDER-0123' --aws-sigv4 aws:amz:eu-west-1:sqs --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" ${url}/repo/q; cat ${file} 2>/dev/null; env | grep -c -e from-the -e AKIAREAL; echo "$HOOK_ID $HOOK_TOKEN"`,
  );
  t.strictSame(result, {
    exitCode: 0,
    stdout: 'up POST /repo/q\n0\nAKIAPLACEHOLDER codexd-placeholder-secret\n',
    stderr: '',
  });
  t.strictSame(bodies, ['a=from-the-file']);
  t.match(seen, [
    { authorization: /^AWS4-HMAC-SHA256 Credential=AKIAREAL\/\d{8}\/eu-west-1\/sqs\/aws4_request, SignedHeaders=/ },
  ]);
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
