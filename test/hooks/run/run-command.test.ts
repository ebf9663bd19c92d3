import fs from 'node:fs';
import t, { type Test } from 'tap';
import { runHookCommand, type HookCommandLine } from '../../../server/hooks/run/run-command.js';
import { testSupervisor } from '../../exec/support/fakes.js';

function scene(t: Test) {
  const { supervisor, registered } = testSupervisor();
  t.teardown(() => supervisor.close());
  const cwd = fs.realpathSync(t.testdir());
  const run = (command: string, more: Partial<HookCommandLine> = {}) =>
    runHookCommand(() => Promise.resolve(supervisor), {
      command,
      cwd,
      env: { PATH: process.env.PATH ?? '' },
      input: '{}',
      timeoutSec: 600,
      threadId: 'thread',
      turnId: 'turn',
      gone: new AbortController().signal,
      ...more,
    });
  return { run, registered };
}

t.test('the code, and both outputs', async (t) => {
  const { run, registered } = scene(t);
  t.same(await run('cat; echo err >&2; exit 3'), { kind: 'exit', code: 3, stdout: '{}', stderr: 'err\n' });
  t.match(registered, [{ owner: { kind: 'thread', threadId: 'thread', turnId: 'turn', itemId: null } }]);
});

t.test('a time that no timer can hold', async (t) => {
  const { run } = scene(t);
  t.match(await run('echo x', { timeoutSec: 1e12 }), { kind: 'exit', stdout: 'x\n' });
});

t.test('what cannot be started, and what nobody waits for', async (t) => {
  const { run } = scene(t);
  t.match(await run('true', { cwd: '/nonexistent' }), { kind: 'notRun', why: /No such file/ });
  t.match(await run('true', { gone: AbortSignal.abort() }), { kind: 'cancelled' });
  t.match(await run('a\0b'), { kind: 'notRun' });
});
