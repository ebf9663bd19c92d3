import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { readProcess } from '../../../server/system/programs/process-table.js';
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
