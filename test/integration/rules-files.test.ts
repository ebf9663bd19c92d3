/** Rules files as a daemon and its commands see them (docs/configuration.md, "Rules files"). */
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import t, { type Test } from 'tap';
import { NETWORK_APPROVAL_CAPABILITY, type Client } from '../../clients/typescript/index.js';
import { proxiedConfig, startDaemon, type TestDaemon } from '../fixtures/daemon.js';
import { elapse, until } from '../fixtures/until.js';

t.setTimeout(120_000);

async function upstream(t: Test): Promise<number> {
  const server = http.createServer((_request, response) => response.end('ok'));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function writeRules(daemon: TestDaemon, text: string, name = 'default.rules'): void {
  fs.mkdirSync(path.join(daemon.home, 'rules'), { recursive: true });
  fs.writeFileSync(path.join(daemon.home, 'rules', name), text);
}

/** The status of a request, or `denied by RULE`. */
async function request(client: Client, url: string, proxy = '$HTTP_PROXY'): Promise<string> {
  const line = `curl -s -m 20 --noproxy '' -x "${proxy}" -o /dev/null -w '%{http_code}' ${url}`;
  const result = await client.request('command/exec', { command: ['bash', '-c', line], timeoutMs: 30_000 });
  return result.networkDenial ? `${result.networkDenial.reason} by ${result.networkDenial.rule}` : result.stdout;
}

t.test('rules of a file extend the configuration, for command/exec too, without a restart', async (t) => {
  const port = await upstream(t);
  const daemon = await startDaemon({ config: proxiedConfig({ '127.0.0.1': 'allow' }) });
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  t.equal(await request(client, `http://127.0.0.1:${port}/`), '200', 'the configuration');
  t.equal(await request(client, `http://localhost:${port}/`), 'not_allowed by null');

  writeRules(daemon, `network_rule(host="localhost:${port}", protocol="http", decision="allow")\n`);
  await elapse(200, 'the file is read again');
  t.equal(await request(client, `http://localhost:${port}/`), '200', 'added by a file');
  t.equal(await request(client, `http://localhost:${port + 1}/`), 'not_allowed by null', 'on its port alone');
  t.equal(
    await request(client, `http://localhost:${port}/`, '${ALL_PROXY}'),
    'not_allowed by null',
    'in its protocol alone',
  );
  writeRules(daemon, 'network_rule(host="127.0.0.1", protocol="https", decision="deny")\n', 'a.rules');
  await elapse(200, 'the file is read again');
  t.equal(
    await request(client, `http://127.0.0.1:${port}/`),
    'denied by 127.0.0.1',
    'a denial beats the configuration',
  );
  fs.rmSync(path.join(daemon.home, 'rules'), { recursive: true });
  // A file that is gone is not believed to be for two seconds (server/system/files/settled-file.ts).
  t.equal(await request(client, `http://127.0.0.1:${port}/`), 'denied by 127.0.0.1', 'it may only be being saved');
  await until(async () => (await request(client, `http://127.0.0.1:${port}/`)) === '200', 'gone again');
});

t.test('every client receives a wrong line, and it disables no other denial', async (t) => {
  const port = await upstream(t);
  const daemon = await startDaemon({ config: proxiedConfig({ localhost: 'allow', '**.test': 'allow' }) });
  t.teardown(() => daemon.stop());
  writeRules(
    daemon,
    `network_rule(host="*.x.test", protocol="http", decision="allow")
prefix_rule(pattern=["ls"
network_rule(host="beside.test", protocol="http", decision="deny")
`,
  );
  const client = await daemon.connect();
  const warnings: { summary: string; details: string | null; path?: string }[] = [];
  client.onNotification('configWarning', (warning) => warnings.push(warning as (typeof warnings)[number]));
  await until(() => warnings.length >= 2, 'both warnings');
  const file = path.join(daemon.home, 'rules/default.rules');
  t.match(warnings, [
    { summary: /^Error parsing rules/, details: new RegExp(`^${file}:1: .*wildcards are not allowed`), path: file },
    { summary: /^Error parsing rules/, details: new RegExp(`^${file}:2: `), path: file },
  ]);
  t.equal(await request(client, `http://beside.test:${port}/`), 'denied by beside.test');
  t.equal(await request(client, `http://localhost:${port}/`), '200', 'what it says nothing about is as configured');

  writeRules(daemon, 'network_rule(host=WHICH, protocol="http", decision="deny")\n');
  await elapse(200, 'the file is read again');
  t.equal(
    await request(client, `http://localhost:${port}/`),
    `denied by ${file}:1`,
    'a denial that nobody understands may be a denial of anything',
  );
});

t.test('a command cannot write its own rule', async (t) => {
  const daemon = await startDaemon({ config: proxiedConfig({}) });
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  const rules = path.join(daemon.home, 'rules');
  for (const there of [false, true]) {
    if (there) writeRules(daemon, '# mine\n');
    const result = await client.request('command/exec', {
      command: ['bash', '-c', `mkdir -p ${rules}; echo 'prefix_rule(pattern=["rm"])' >> ${rules}/default.rules; true`],
      sandboxPolicy: { type: 'workspaceWrite', writableRoots: [path.dirname(daemon.home)] },
    });
    t.equal(result.exitCode, 0);
    t.equal(fs.existsSync(rules), there);
    if (there) t.equal(fs.readFileSync(path.join(rules, 'default.rules'), 'utf8'), '# mine\n');
  }
});

t.test('under managed requirements', async (t) => {
  const port = await upstream(t);
  const managed = async (requirements: string) => {
    const system = t.testdir();
    fs.writeFileSync(path.join(system, 'requirements.toml'), `[experimental_network]\nenabled = true\n${requirements}`);
    const env = { CODEXD_SYSTEM_CONFIG_DIR: fs.realpathSync(system) };
    const daemon = await startDaemon({ config: proxiedConfig({ 'user.localhost': 'allow' }), env });
    t.teardown(() => daemon.stop());
    writeRules(daemon, 'network_rule(host="localhost", protocol="http", decision="allow")\n');
    const asked: string[] = [];
    const client = await daemon.connect({ experimentalApi: true, extensions: { [NETWORK_APPROVAL_CAPABILITY]: {} } });
    client.onRequest('network/requestApproval', ({ host }) => {
      asked.push(host);
      return { decision: 'accept' };
    });
    return { client, asked, silent: await daemon.connect() };
  };
  const review = await managed(
    'review_domains = ["127.0.0.1"]\n[experimental_network.domains]\n"127.0.0.1" = "allow"\n"[::1]" = "deny"\n',
  );
  t.equal(await request(review.client, `http://localhost:${port}/`), '200', 'the user’s own rule counts');
  t.equal(await request(review.client, `http://127.0.0.1:${port}/`), '200');
  t.strictSame(review.asked, ['127.0.0.1'], 'what is under review is asked about although it is allowed');
  t.equal(
    await request(review.client, `http://[::1]:${port}/`),
    'denied by [::1]',
    'a managed denial is never asked about',
  );
  t.equal(await request(review.silent, `http://127.0.0.1:${port}/`), 'not_allowed by 127.0.0.1', 'nobody to ask');

  const only = await managed('managed_allowed_domains_only = true\n');
  t.equal(await request(only.client, `http://localhost:${port}/`), 'not_allowed by null', 'user rules do not count');
  t.strictSame(only.asked, [], 'and nobody is asked');
});
