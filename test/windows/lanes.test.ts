/**
 * Lanes on Windows: real commands in real jobs, real connections, and the owners that the system names. The sandbox
 * starts the commands as they are; what it confines is not the matter here.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { READ_ONLY } from '../../server/config/permissions/permission-profile.js';
import type { CommandEnd, CommandSpec, RunningCommand } from '../../server/exec/start/command.js';
import type { OutputSink } from '../../server/exec/run/output.js';
import { createSupervisor, type Supervisor } from '../../server/exec/supervisor.js';
import { silentLogger } from '../../server/log/log.js';
import { createSharedPortLanes } from '../../server/network-approval/lanes/shared-ports.js';
import type { LanePool } from '../../server/network-approval/lanes/lanes.js';
import type { DecisionLog } from '../../server/network-approval/audit/decision-log.js';
import type { Sandbox } from '../../server/sandbox/policy/sandbox.js';
import { writeRequest } from '../../server/sandbox/windows/run/launch-request.js';
import { connectionOwners } from '../../server/system/programs/connection-owner.js';
import { freePorts } from '../network-approval/support/lane-sockets.js';
import { fixture, OPEN_RUNNER } from '../sandbox/windows/run/fixtures/launched.js';
import { policyOf } from '../network-approval/support/policy.js';
import { startService } from '../network-approval/support/service.js';
import { until } from '../fixtures/until.js';
import { onWindows } from '../fixtures/windows.js';

t.setTimeout(170_000);

/** Wine starts a program in a second on an idle machine. */
const PATIENCE_MS = 120_000;

const asItIs: Sandbox = {
  status: async () => ({ available: false, reason: 'not asked for', fix: 'none' }),
  wrap: async ({ argv: [file = '', ...args], env }) => ({ file, args, env, release: () => {} }),
};

/** Through launcher and runner, as the sandbox does; the runner restricts nothing. */
const launched = (folder: string): Sandbox => ({
  ...asItIs,
  wrap: async ({ argv, cwd, env, job }) => {
    const request = { codexHome: folder, job: job ?? null, argv, cwd, env };
    const confinement = { logon: null, capabilities: ['S-1-5-21-1-2-3-4'], privateDesktop: false, terminal: null };
    const written = writeRequest(folder, { ...request, ...confinement });
    const args = [fixture('open-launcher'), ...OPEN_RUNNER, written.path];
    return { file: process.execPath, args, env: process.env as Record<string, string>, release: written.remove };
  },
});

interface Daemon {
  readonly supervisor: Supervisor;
  readonly lanes: LanePool;
  readonly decisions: DecisionLog;
  readonly warnings: { readonly message: string; readonly fields: object | undefined }[];
}

function daemon(t: Test, ports: readonly number[], sandbox = asItIs): Daemon {
  const warnings: Daemon['warnings'] = [];
  const warn = (message: string, fields?: object): void => void warnings.push({ message, fields });
  const lanes = createSharedPortLanes({ ports: () => ports, owners: connectionOwners, log: { ...silentLogger, warn } });
  const { service, decisions } = startService(t, { lanes });
  const supervisor = createSupervisor({
    sandbox,
    approvals: service,
    requirements: { enforce: (asked) => asked },
    log: silentLogger,
  });
  t.teardown(() => supervisor.close());
  return { supervisor, lanes, decisions, warnings };
}

/** Answers with the path of each request; the number of the port. */
async function upstream(t: Test): Promise<number> {
  const server = http.createServer((request, response) => response.end(`up${request.url}`)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close().closeAllConnections());
  return (server.address() as AddressInfo).port;
}

/** In the commands: `ask(host, path)` is the last line of the proxy's answer, '' if it closes the connection. */
const TOOLS = `
  const net = require('node:net');
  const { spawn } = require('node:child_process');
  const port = Number(process.env.LANE_PORT ?? new URL(process.env.HTTP_PROXY).port);
  const request = (host, path) => 'GET http://' + host + path + ' HTTP/1.1\\r\\nHost: ' + host + '\\r\\nConnection: close\\r\\n\\r\\n';
  const ask = (host, path) => new Promise((resolve) => {
    let text = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write(request(host, path)));
    socket.on('data', (piece) => (text += piece)).on('error', () => {});
    socket.on('close', () => resolve(text.split('\\r\\n').at(-1)));
  });
  const say = (text) => console.log(text);
  const forever = () => setInterval(() => {}, 1000);
  const run = (script, options = {}) => spawn(process.execPath, ['-e', TOOLS + script], { stdio: 'inherit', env: { ...process.env, TOOLS }, ...options });
  const { TOOLS } = process.env;
`;

interface Started {
  readonly running: RunningCommand;
  /** What it has written so far. */
  readonly text: () => string;
  readonly ended: Promise<CommandEnd>;
}

type Network = CommandSpec['permissions']['network'];
const LANE = (): Network => ({
  kind: 'proxied',
  policy: policyOf({ 'ok.test': 'allow', 'evil.test': 'deny' }, { allowLocalBinding: true }),
});

async function start(
  { supervisor }: Daemon,
  script: string,
  { network = LANE(), env = {} }: { network?: Network; env?: Record<string, string> } = {},
): Promise<Started> {
  let text = '';
  const output: OutputSink = { full: false, push: (piece) => void (text += piece.toString()) };
  const running = await supervisor.start({
    argv: [process.execPath, '-e', `${TOOLS}${script}`],
    cwd: process.cwd(),
    env: { ...(process.env as Record<string, string>), TOOLS, ...env },
    permissions: {
      profile: { ...READ_ONLY, networkEnabled: network.kind !== 'offline' },
      workspaceRoots: [],
      network,
      onNetworkDenial: 'cancel',
    },
    io: { kind: 'pipes', stdin: true },
    timeoutMs: null,
    owner: { kind: 'connection', connectionId: 1, requestId: 1, processId: null },
    gone: new AbortController().signal,
    stdout: output,
    stderr: output,
  });
  return { running, text: () => text, ended: running.ended };
}

/** What a command wrote until its end. */
async function ran(started: Started): Promise<{ readonly end: CommandEnd; readonly text: string }> {
  const end = await started.ended;
  return { end, text: started.text().replaceAll('\r', '').trim() };
}

t.test('a denial ends exactly its command, beside ten others with their own answers', onWindows, async (t) => {
  const here = daemon(t, await freePorts(2));
  const port = await upstream(t);
  const evil = await start(here, `process.stdin.once('data', () => ask('evil.test', '/').then(say)); forever();`);
  const others = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      start(
        here,
        `ask('ok.test:${port}', '/${i}').then(say); process.stdin.once('data', () => ask('ok.test:${port}', '/again${i}').then(say).then(() => process.exit(0)));`,
      ),
    ),
  );
  await until(() => here.decisions.list().length === 10, 'all of them were served', PATIENCE_MS);
  await evil.running.write(Buffer.from('go'));
  const { end, text } = await ran(evil);
  t.match(end, { cause: 'denial', denial: { host: 'evil.test' } });
  t.equal(text, '');
  await Promise.all(others.map(({ running }) => running.write(Buffer.from('go'))));
  for (const [i, { end, text }] of (await Promise.all(others.map(ran))).entries())
    t.match({ end, text }, { end: { cause: 'exit', exitCode: 0 }, text: `up/${i}\nup/again${i}` });
  t.match(here.lanes.counts(), { inUse: 0, made: 1, refused: 0 });
});

t.test('what a command starts has its lane, and can cause its end', onWindows, async (t) => {
  const here = daemon(t, await freePorts(2));
  const port = await upstream(t);
  const child = await start(here, `run("ask('ok.test:${port}', '/child').then(say)");`);
  const grandchild = await start(
    here,
    `run("run(\\"ask('ok.test:${port}', '/grandchild').then(say)\\").on('exit', () => process.exit(0))");`,
  );
  const orphan = await start(
    here,
    `run("run(\\"ask('evil.test', '/').then(say)\\", { detached: true }).unref(); process.exit(0)", { detached: true }); forever();`,
  );
  t.match(await ran(child), { end: { cause: 'exit' }, text: 'up/child' });
  t.match(await ran(grandchild), { end: { cause: 'exit' }, text: 'up/grandchild' });
  t.match(await ran(orphan), { end: { cause: 'denial' }, text: '' }, 'detached, and its parent has ended');
  t.equal(here.lanes.counts().refused, 0);
});

t.test('strangers, commands without a lane and those of another daemon get nothing', onWindows, async (t) => {
  const ports = await freePorts(4);
  const [here, there] = [daemon(t, ports), daemon(t, ports)];
  const up = await upstream(t);
  const waits = `process.stdin.once('data', () => ask('ok.test:${up}', '/own').then(say).then(() => process.exit(0)));`;
  const mine = await start(here, waits);
  const theirs = await start(there, waits);
  // Without a lane, or with that of the other daemon: they know the port all the same.
  const env = { LANE_PORT: String(ports[0]) };
  const asks = `ask('evil.test', '/').then((text) => say('[' + text + ']')).then(() => process.exit(0));`;
  const offline = await start(here, asks, { env, network: { kind: 'offline' } });
  const foreign = await start(there, asks, { env });
  t.match(await ran(offline), { end: { cause: 'exit', exitCode: 0 }, text: '[]' });
  t.match(await ran(foreign), { end: { cause: 'exit', exitCode: 0 }, text: '[]' });
  const stranger = net.connect(ports[0] ?? 0, '127.0.0.1');
  stranger.on('error', () => {}).write('GET http://evil.test/ HTTP/1.1\r\nHost: evil.test\r\n\r\n');
  await new Promise((resolve) => stranger.on('data', () => t.fail('a stranger is answered')).once('close', resolve));
  t.equal(here.lanes.counts().refused, 3);
  t.equal(
    new Set(here.warnings.map(({ fields }) => JSON.stringify(fields))).size,
    3,
    'each is logged, with its process',
  );
  await Promise.all([mine, theirs].map(({ running }) => running.write(Buffer.from('go'))));
  for (const each of [mine, theirs]) t.match(await ran(each), { end: { cause: 'exit', exitCode: 0 }, text: 'up/own' });
  t.strictSame(
    [...here.decisions.list(), ...there.decisions.list()].map(({ host }) => host),
    ['ok.test', 'ok.test'],
    'nothing was decided for the others',
  );
});

t.test('a request at the moment of its process’s end is its command’s or nobody’s', onWindows, async (t) => {
  const here = daemon(t, await freePorts(2));
  const port = await upstream(t);
  const neighbour = await start(here, `process.stdin.once('data', () => process.exit(0));`);
  const dying = await start(
    here,
    `for (let i = 0; i < 20; i++) { const socket = net.connect(port, '127.0.0.1', () => { socket.write(request('evil.test', '/')); if (i === 19) process.kill(process.pid, 'SIGKILL'); }).on('error', () => {}); }`,
  );
  const { end } = await ran(dying);
  t.ok(['exit', 'denial'].includes(end.cause), end.cause);
  const after = await start(here, `ask('ok.test:${port}', '/after').then(say);`);
  t.match(await ran(after), { end: { cause: 'exit', exitCode: 0 }, text: 'up/after' });
  await neighbour.running.write(Buffer.from('go'));
  t.match(await ran(neighbour), { end: { cause: 'exit', exitCode: 0 } });
  const owners = new Set(
    here.decisions
      .list()
      .filter(({ host }) => host === 'evil.test')
      .map(({ registrationId }) => registrationId),
  );
  t.ok(owners.size <= 1, 'of one command');
});

t.test('connections end with their command', onWindows, async (t) => {
  const here = daemon(t, await freePorts(2));
  const silent = await start(
    here,
    `let open = 0; for (let i = 0; i < 50; i++) net.connect(port, '127.0.0.1', () => { if (++open === 50) say('open'); }).on('error', () => {}); process.stdin.once('data', () => process.exit(0));`,
  );
  await until(() => silent.text() !== '', 'they are open', PATIENCE_MS);
  await silent.running.write(Buffer.from('go'));
  t.match((await ran(silent)).end, { cause: 'exit', exitCode: 0 });
  t.match(here.lanes.counts(), { inUse: 0, idle: 1 });
});

t.test('of hundreds of connections at once each is its own command’s', onWindows, async (t) => {
  const here = daemon(t, await freePorts(2));
  const port = await upstream(t);
  const many = (name: string): string =>
    `process.stdin.once('data', () => Promise.all(Array.from({ length: 100 }, (_, i) => ask('ok.test:${port}', '/${name}' + i))).then((all) => { say(all.filter((text, i) => text === 'up/${name}' + i).length); process.exit(0); }));`;
  const commands = await Promise.all(['a', 'b', 'c'].map((name) => start(here, many(name))));
  await Promise.all(commands.map(({ running }) => running.write(Buffer.from('go'))));
  for (const each of commands) t.match(await ran(each), { end: { cause: 'exit', exitCode: 0 }, text: '100' });
  t.equal(here.lanes.counts().refused, 0);
  const owners = here.decisions.list().map(({ registrationId }) => registrationId);
  t.equal(new Set(owners).size, 3);
});

t.test(
  'the runner, its command and what that starts are the command’s, from their first moment',
  onWindows,
  async (t) => {
    const folder = fs.mkdtempSync('C:\\work\\lanes-');
    t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
    const here = daemon(t, await freePorts(2), launched(folder));
    const port = await upstream(t);
    const own = await start(here, `ask('ok.test:${port}', '/own').then(say);`);
    const child = await start(here, `run("ask('ok.test:${port}', '/child').then(say)", { detached: true });`);
    const denied = await start(here, `run("ask('evil.test', '/').then(say)", { detached: true }).unref(); forever();`);
    t.match(await ran(own), { end: { cause: 'exit', exitCode: 0 }, text: 'up/own' });
    t.match(await ran(child), { end: { cause: 'exit', exitCode: 0 }, text: 'up/child' });
    t.match(await ran(denied), { end: { cause: 'denial' }, text: '' });
    t.match(here.lanes.counts(), { inUse: 0, refused: 0 });
  },
);
