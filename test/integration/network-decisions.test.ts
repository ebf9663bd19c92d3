import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import t from 'tap';
import { proxiedConfig, startDaemon, type TestDaemon } from '../fixtures/daemon.js';
import { until } from '../fixtures/until.js';

/** Asks the lane's proxy for a URL with nothing but bash, and prints the status line. */
const ask = (host: string, method = 'GET'): string[] => [
  'bash',
  '-c',
  `exec 3<>/dev/tcp/127.0.0.1/\${HTTP_PROXY##*:}
   printf '${method} http://${host}/ HTTP/1.1\\r\\nHost: ${host}\\r\\nConnection: close\\r\\n\\r\\n' >&3
   IFS= read -r status <&3; echo "\${status%$'\\r'}"`,
  'a-secret-that-nobody-should-log',
];

async function upstreamServer(): Promise<{ port: number; close(): void }> {
  const server = http.createServer((_request, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const AUDIT = '[codexd.network_audit]\nenabled = true\n';

async function scrape(daemon: TestDaemon): Promise<string> {
  const answer = await fetch(`${daemon.url.replace('ws:', 'http:')}/metrics`);
  t.equal(answer.status, 200);
  t.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  return answer.text();
}

/** The value of one sample; null: it is not there. */
function sample(text: string, name: string): number | null {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return line === undefined ? null : Number(line.slice(name.length + 1));
}

t.setTimeout(120_000);

t.test('decisions about real commands are listed, written to the audit file, and counted', async (t) => {
  const upstream = await upstreamServer();
  const denials = '[codexd.command_exec]\non_network_denial = "refuse"\n';
  const config = `${proxiedConfig({ '127.0.0.1': 'allow', 'denied.test': 'deny' })}${denials}${AUDIT}`;
  const daemon = await startDaemon({ config });
  t.teardown(() => daemon.stop());
  t.teardown(() => upstream.close());
  const client = await daemon.connect();

  const before = await client.request('network/decisions/list', {});
  t.match(before, { data: [], nextCursor: null, dropped: 0, restarted: false });

  const run = (host: string, processId: string | null) =>
    client.request('command/exec', { command: ask(host), processId });
  t.match((await run(`127.0.0.1:${upstream.port}`, 'p-allowed')).stdout, 'HTTP/1.1 200 OK');
  t.match((await run('denied.test', 'p-denied')).stdout, 'HTTP/1.1 403');
  t.match((await run('unlisted.test', null)).stdout, 'HTTP/1.1 403');

  const { data, latestCursor } = await client.request('network/decisions/list', { sortDirection: 'asc' });
  t.match(data, [
    {
      sequence: 1,
      processId: 'p-allowed',
      threadId: null,
      program: 'bash',
      protocol: 'http',
      method: 'GET',
      host: '127.0.0.1',
      port: upstream.port,
      address: '127.0.0.1',
      verdict: 'allow',
      reason: null,
      rule: '127.0.0.1',
      source: 'baseline_policy',
    },
    { sequence: 2, processId: 'p-denied', host: 'denied.test', verdict: 'deny', reason: 'denied', rule: 'denied.test' },
    { sequence: 3, processId: null, host: 'unlisted.test', address: null, reason: 'not_allowed', rule: null },
  ]);
  t.equal(new Set(data.map(({ registrationId }) => registrationId)).size, 3, 'one registration a command');
  t.equal(new Set(data.map(({ policyRevision }) => policyRevision)).size, 1);
  t.ok(data.every(({ decidedAtMs, latencyMs }) => Math.abs(decidedAtMs - Date.now()) < 120_000 && latencyMs >= 0));
  t.notMatch(JSON.stringify(data), 'a-secret');

  const denied = await client.request('network/decisions/list', { verdict: 'deny', limit: 1 });
  t.strictSame(
    denied.data.map(({ host }) => host),
    ['unlisted.test'],
    'newest first',
  );
  const ofProcess = await client.request('network/decisions/list', { processId: 'p-denied' });
  t.equal(ofProcess.data.length, 1);
  await run('later.test', null);
  const later = await client.request('network/decisions/list', { sortDirection: 'asc', cursor: latestCursor });
  t.strictSame(
    later.data.map(({ host }) => host),
    ['later.test'],
  );
  await t.rejects(client.request('network/decisions/list', { cursor: 'nonsense' }), {
    code: -32600,
    message: 'invalid cursor: nonsense',
  });
  const old = await daemon.connect({ experimentalApi: false });
  t.equal((await old.request('network/decisions/list', {})).data.length, 4, 'needs no capability');

  const metrics = await scrape(daemon);
  const decided = (labels: string): number | null => sample(metrics, `codexd_network_decisions_total{${labels}}`);
  t.equal(decided('verdict="allow",reason="",protocol="http",source="baseline_policy"'), 1);
  t.equal(decided('verdict="deny",reason="denied",protocol="http",source="baseline_policy"'), 1);
  t.equal(decided('verdict="deny",reason="not_allowed",protocol="http",source="baseline_policy"'), 2);
  t.equal(sample(metrics, 'codexd_commands_started_total'), 4);
  t.equal(sample(metrics, 'codexd_commands_running'), 0);
  t.equal(sample(metrics, 'codexd_commands_ended_total{cause="exit"}'), 4);
  t.equal(sample(metrics, 'codexd_connections{transport="websocket"}'), 2);
  t.equal(sample(metrics, 'codexd_requests_total{family="command-exec"}'), 4);
  t.equal(sample(metrics, 'codexd_lanes{state="lent"}'), 0);
  t.ok((sample(metrics, 'codexd_lanes_made_total') ?? 0) >= 1);
  t.ok((sample(metrics, 'codexd_proxied_bytes_total{direction="received"}') ?? 0) > 100);
  t.ok((sample(metrics, 'process_resident_memory_bytes') ?? 0) > 1e6);

  const folder = path.join(daemon.home, 'log');
  const hidden = await client.request('command/exec', {
    command: ['sh', '-c', `ls ${folder}; cat ${folder}/network-decisions.jsonl`],
  });
  t.not(hidden.exitCode, 0);
  t.equal(hidden.stdout, '', 'no command sees the audit file');

  const file = path.join(folder, 'network-decisions.jsonl');
  await until(() => written(file, 4), 'the lines are written');
  const lines = fs
    .readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  t.strictSame(lines, [...data, ...later.data], 'the same as the protocol says');
  t.equal(fs.statSync(file).mode & 0o777, 0o600);
});

const written = (file: string, lines: number): boolean =>
  fs.existsSync(file) && fs.readFileSync(file, 'utf8').split('\n').length > lines;

t.test(
  'an audit file elsewhere is hidden with its folder; one in a folder that commands need is refused',
  async (t) => {
    const place = fs.mkdtempSync('/var/tmp/codexd-audit-');
    t.teardown(() => fs.rmSync(place, { recursive: true, force: true }));
    const file = path.join(place, 'inner', 'audit.jsonl');
    const daemon = await startDaemon({ config: `${proxiedConfig()}${AUDIT}path = "${file}"\n` });
    t.teardown(() => daemon.stop());
    const client = await daemon.connect();
    const denied = await client.request('command/exec', { command: ask('denied.test') });
    t.match(denied.networkDenial, { host: 'denied.test' });
    await until(() => written(file, 1), 'the lines are written');
    t.match(fs.readFileSync(file, 'utf8'), '"host":"denied.test"');
    const { stdout } = await client.request('command/exec', {
      command: ['sh', '-c', `cat ${file}; ls ${place}/inner`],
    });
    t.equal(stdout, '');

    const wrong = await startDaemon({ config: `${proxiedConfig()}${AUDIT}path = "audit.jsonl"\n` });
    t.teardown(() => wrong.stop());
    const refused = (await wrong.connect()).request('command/exec', { command: ['true'] });
    await t.rejects(refused, { message: /codexd\.network_audit\.path: "audit\.jsonl" lies in .*folder of its own/ });
  },
);
