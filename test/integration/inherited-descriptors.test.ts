import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import t from 'tap';
import { packageRoot } from '../../server/package/package-root.js';

t.test('descriptors that were open at the start of the daemon reach no command', async (t) => {
  const home = t.testdir({ secret: 'not for commands' });
  const secret = fs.openSync(path.join(home, 'secret'), 'r');
  const stdio = [...(['pipe', 'pipe', 'inherit'] as const), ...Array<'ignore'>(9).fill('ignore'), secret];
  const daemon = spawn(process.execPath, [path.join(packageRoot(), 'bin', 'codexd.cjs'), 'app-server'], {
    stdio,
    env: { ...process.env, CODEX_HOME: home, TMPDIR: os.tmpdir() },
  });
  const answers = readline.createInterface({ input: daemon.stdout! });
  const send = (message: object) => daemon.stdin!.write(`${JSON.stringify(message)}\n`);
  t.teardown(() => daemon.stdin!.end());

  send({ id: 0, method: 'initialize', params: { clientInfo: { name: 'test', version: '0' } } });
  const policies = [{ type: 'dangerFullAccess' }, { type: 'readOnly' }];
  policies.forEach((sandboxPolicy, index) =>
    send({ id: index + 1, method: 'command/exec', params: { command: ['ls', '-l', '/proc/self/fd'], sandboxPolicy } }),
  );
  let left = policies.length;
  for await (const line of answers) {
    const { id, result } = JSON.parse(line) as { id?: number; result?: { stdout: string; exitCode: number } };
    if (!id || !result) continue;
    t.equal(result.exitCode, 0);
    t.notMatch(result.stdout, 'secret', String(policies[id - 1]?.type));
    // ls has its own descriptor on the folder besides the three.
    t.equal(result.stdout.match(/ -> /g)?.length, 4, result.stdout);
    if (--left === 0) break;
  }
});
