/**
 * The messages that a service manager receives (sd_notify(3)): a real datagram socket receives them, by name and in the
 * abstract namespace.
 */
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import os from 'node:os';
import t, { type Test } from 'tap';
import { packageRoot } from '../../../server/package/package-root.js';
import { serviceManager } from '../../../server/system/programs/service-manager.js';
import { systemProgramIfAny } from '../../../server/system/programs/system-program.js';
import { connectWebSocket } from '../../../clients/typescript/index.js';
import { until } from '../../fixtures/until.js';
import { runToEnd, startChild } from '../../fixtures/programs.js';

t.setTimeout(120_000);

/** Binds a datagram socket and writes each message as a line of JSON. */
const RECEIVER = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
a = sys.argv[1]
s.bind("\\0" + a[1:] if a[0] == "@" else a)
print(json.dumps(""), flush=True)
while True:
    print(json.dumps(s.recv(65536).decode()), flush=True)
`;
const python = runToEnd('python3', ['-c', '']).exitCode === 0;
if (!python) t.comment('SKIPPED: there is no python3 to open a datagram socket with, so nothing here was tested');
const skip = !python && 'no python3';

/** The messages that arrive at an address, and a wait for one that has all these lines. */
async function receive(t: Test, address: string) {
  const child: ChildProcess = startChild('python3', ['-c', RECEIVER, address], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let text = '';
  child.stdout!.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  const messages = (): string[][] =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as string).split('\n'));
  while (messages().length === 0) await once(child.stdout!, 'data');
  return async (...lines: readonly RegExp[]): Promise<string[]> => {
    for (;;) {
      const found = messages().find((message) => lines.every((line) => message.some((part) => line.test(part))));
      if (found) return found;
      await once(child.stdout!, 'data');
    }
  };
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-notify-'));
t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));

const without = (missing: string) => (name: 'systemd-notify' | 'perl') =>
  name === missing ? null : systemProgramIfAny(name);
for (const [program, other] of [
  ['systemd-notify', 'perl'],
  ['perl', 'systemd-notify'],
] as const) {
  const missing = systemProgramIfAny(program) === null;
  if (missing) t.comment(`SKIPPED: there is no ${program} here, so nobody tried to send with it`);
  for (const [kind, address] of [
    ['by name', path.join(folder, program)],
    ['abstract', `@codexd-test-${randomUUID()}`],
  ] as const)
    t.test(
      `${program} reports ready, alive, stopping: ${kind}`,
      { skip: skip || (missing && `no ${program}`) },
      async (t) => {
        const heard = await receive(t, address);
        const env: Record<string, string | undefined> = {
          NOTIFY_SOCKET: address,
          WATCHDOG_USEC: '200000',
          WATCHDOG_PID: String(process.pid),
          OTHER: 'stays',
        };
        const troubles: string[] = [];
        const manager = serviceManager(env, (message) => troubles.push(message), without(other))!;
        t.strictSame(env, { OTHER: 'stays' }, 'no command inherits the address');
        manager.ready('listening\non all');
        t.match(await heard(/^READY=1$/), [/^READY=1$/, /^STATUS=listening on all$/, `MAINPID=${process.pid}`]);
        const alive = setInterval(() => {}, 50); // What pings does not keep a process alive.
        await heard(/^WATCHDOG=1$/);
        clearInterval(alive);
        manager.stopping('ending');
        await heard(/^STOPPING=1$/, /^STATUS=ending$/);
        t.strictSame(troubles, []);
      },
    );
}

t.test('without an address, or with an invalid one, nothing is sent', (t) => {
  for (const socket of [undefined, '', 'relative', '@', '/']) {
    const env = { NOTIFY_SOCKET: socket };
    t.equal(
      serviceManager(env, () => {}),
      null,
      String(socket),
    );
    t.notOk('NOTIFY_SOCKET' in env);
  }
  t.end();
});

t.test('a failure to send is reported once', async (t) => {
  const troubles: string[] = [];
  const manager = serviceManager({ NOTIFY_SOCKET: path.join(folder, 'nobody') }, (message) => troubles.push(message))!;
  manager.ready('one');
  manager.stopping('two');
  const alive = setInterval(() => {}, 50);
  await until(() => troubles.length > 0, 'the trouble is told');
  clearInterval(alive);
  t.match(troubles, [/^the service manager cannot be told anything: /]);
});

t.test(
  'a daemon reports when it listens and when it ends, and its commands do not get the address',
  { skip },
  async (t) => {
    const address = path.join(folder, 'daemon');
    const heard = await receive(t, address);
    const home = path.join(folder, 'home');
    fs.mkdirSync(home);
    const program = path.join(packageRoot(), 'bin', 'codexd.cjs');
    const daemon = startChild(process.execPath, [program, 'app-server', '--listen', 'ws://127.0.0.1:0'], {
      env: { PATH: process.env.PATH, HOME: folder, CODEX_HOME: home, NOTIFY_SOCKET: address, WATCHDOG_USEC: '2000000' },
      extendEnv: false,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.teardown(() => daemon.kill('SIGKILL'));
    const [, status, main] = await heard(/^READY=1$/, /^STATUS=listening on ws:/);
    t.equal(main, `MAINPID=${daemon.pid}`);
    await heard(/^WATCHDOG=1$/);
    const environment = fs.readFileSync(`/proc/${daemon.pid}/environ`, 'utf8');
    t.match(environment, /NOTIFY_SOCKET/, 'it was given the address');
    const url = /ws:\S+/.exec(status ?? '')?.[0] ?? '';
    const client = await connectWebSocket(url, { reconnect: false });
    const sandboxPolicy = { type: 'dangerFullAccess' } as const;
    const { stdout } = await client.request('command/exec', { command: ['env'], sandboxPolicy });
    t.match(stdout, /PATH=/);
    t.notMatch(stdout, /NOTIFY|WATCHDOG/);
    await client.close();
    daemon.kill('SIGTERM');
    await heard(/^STOPPING=1$/, /^STATUS=The server is ending\.$/);
    if (daemon.exitCode === null) await once(daemon, 'exit');
    t.equal(daemon.exitCode, 0);
  },
);

t.test('without both programs it reports that, and the change for the unit', async (t) => {
  const troubles: string[] = [];
  const manager = serviceManager(
    { NOTIFY_SOCKET: '/x' },
    (message) => troubles.push(message),
    () => null,
  )!;
  manager.ready('one');
  t.match(troubles, [/neither systemd-notify nor perl; use Type=exec in the unit/]);
});
