import t from 'tap';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectUnixSocket, connectWebSocket } from '../../clients/typescript/index.js';
import { startDaemon } from '../../clients/demo/daemon.js';
import { packageRoot } from '../../server/package/package-root.js';
import { runToEnd } from '../fixtures/programs.js';

const home = mkdtempSync(path.join(tmpdir(), 'codexd-listen-'));
t.teardown(() => rmSync(home, { recursive: true }));
const program = path.join(packageRoot(), 'bin', 'codexd.cjs');
const env = { ...process.env, CODEX_HOME: home };

t.test('one daemon serves a WebSocket and a unix socket', async (t) => {
  const daemon = await startDaemon({ program, cwd: home, env });
  t.teardown(() => daemon.stop());
  const one = await connectWebSocket(daemon.url, { reconnect: false });
  const two = await connectUnixSocket(daemon.socketPath, { reconnect: false });
  for (const client of [one, two]) t.equal(client.server.codexHome, home);
  await two.close();
  const { exitCode } = await one.request('command/exec', {
    command: ['true'],
    sandboxPolicy: { type: 'dangerFullAccess' },
  });
  t.equal(exitCode, 0, 'one connection’s end is not the other’s');
  await one.close();
});

const socket = path.join(home, 's.sock');
const REFUSED: [why: string, listen: readonly string[], code: number, message: RegExp][] = [
  ['off means nothing else', ['off', `unix://${socket}`], 1, /^Error: --listen off cannot be combined with another/],
  ['stdio is a client', ['stdio://', `unix://${socket}`], 1, /^Error: --listen stdio:\/\/ cannot be combined/],
  ['each value is judged', [`unix://${socket}`, 'ws://x'], 2, /^error: invalid value 'ws:\/\/x' for '--listen <URL>'/],
  ['the second listener cannot start', [`unix://${socket}`, 'ws://192.0.2.1:0'], 1, /^Error: refusing to start/m],
];
for (const [why, listen, code, message] of REFUSED) {
  t.test(`--listen ${listen.join(' --listen ')} is refused: ${why}`, (t) => {
    const args = [program, 'app-server', ...listen.flatMap((url) => ['--listen', url])];
    const { exitCode, stderr } = runToEnd(process.execPath, args, { env, extendEnv: false, timeout: 30_000 });
    t.equal(exitCode, code);
    t.match(stderr, message);
    t.notOk(existsSync(socket), 'no socket is left behind');
    t.end();
  });
}
