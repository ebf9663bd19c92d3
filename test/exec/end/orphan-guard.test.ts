import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { SCRIPT_WITH_PS } from '../../../server/exec/end/orphan-guard.js';
import { readProcess } from '../../../server/system/linux/process-table.js';
import { alive, marker } from '../support/processes.js';
import { until } from '../../fixtures/until.js';
import { startChild } from '../../fixtures/programs.js';

const daemon = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'fixtures', 'daemon.js');

for (const way of ['unsandboxed', 'sandboxed', 'terminal'] as const) {
  t.test(`kill -9 of the daemon leaves no process of a command (${way})`, async (t) => {
    const mark = marker();
    const child = startChild(process.execPath, [daemon, way, mark], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.teardown(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    await until(() => alive(mark).length >= 4, 'the command and its children are up');
    t.equal(guards(child.pid).length, 1, 'one guard');
    child.kill('SIGKILL');
    await until(() => alive(mark).length === 0, 'they are gone');
    await until(() => guards(child.pid).length === 0, 'and so is the guard');
  });
}

t.test('kill -9 of the daemon leaves no child with an empty environment and its own session', async (t) => {
  const mark = marker();
  const child = startChild(process.execPath, [daemon, 'without mark', mark], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const leaders = (): number[] => alive(mark).filter((pid) => readProcess(pid)?.session === pid && pid !== child.pid);
  await until(() => leaders().length === 2, 'the command and its child have a session each');
  child.kill('SIGKILL');
  await until(() => alive(mark).length === 0, 'it is gone');
});

t.test('the guard has no descriptor of the daemon and ends with it', async (t) => {
  const mark = marker();
  const child = startChild(process.execPath, [daemon, 'unsandboxed', mark], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  t.equal(guards(child.pid).length, 1, 'one guard');
  child.kill('SIGTERM');
  // 'close' fires when no process holds the daemon's stdout any more.
  await once(child, 'close');
  await until(() => alive(mark).length === 0, 'commands are gone');
  await until(() => alive('codexd-orphan-guard').every((pid) => !guards(child.pid).includes(pid)), 'the guard is gone');
});

/** Other tests have guards, too: only its parent identifies one, and only while the parent lives. */
const known = new Map<number, number[]>();
function guards(daemonPid: number | undefined): number[] {
  const pid = daemonPid ?? 0;
  const now = alive('codexd-orphan-guard');
  const own = known.get(pid) ?? now.filter((guard) => readProcess(guard)?.parent === pid);
  if (own.length > 0) known.set(pid, own);
  return now.filter((guard) => own.includes(guard));
}

t.test('the guard of a system without /proc finds groups and descendants by ps(1)', async (t) => {
  const command = startChild(
    'bash',
    ['-c', 'set -m; sleep 1000 & echo $!; bash -c "sleep 1000 & wait" & echo $!; wait'],
    {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const other = startChild('sleep', ['1000'], { detached: true, stdio: 'ignore' });
  t.teardown(() => other.kill('SIGKILL'));
  let output = '';
  command.stdout.on('data', (piece: Buffer) => (output += piece.toString()));
  await until(() => output.split('\n').length === 3, 'both jobs run');
  const guard = startChild('sh', ['-c', SCRIPT_WITH_PS, 'guard', 'mark'], { stdio: ['pipe', 'ignore', 'inherit'] });
  guard.stdin.end(`+ 1234567\n- 1234567\n+ ${command.pid}\n`);
  await once(guard, 'exit');
  const living = (pid: number): boolean => readProcess(pid) !== null;
  const pids = output.trim().split('\n').map(Number);
  await until(() => !pids.some(living) && !living(command.pid ?? 0), 'all of the command have ended');
  t.ok(living(other.pid ?? 0), 'another group lives');
});
