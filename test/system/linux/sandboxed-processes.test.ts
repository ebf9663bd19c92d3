import t, { type Test } from 'tap';
import { isOfThisUser, surveyProcesses } from '../../../server/system/linux/sandboxed-processes.js';
import { startChild } from '../../fixtures/programs.js';
import { until } from '../../fixtures/until.js';

if (process.platform !== 'linux') t.bailout('namespaces of processes are those of Linux');

/** A program that waits for its end, after it has written a line. */
async function started(t: Test, command: string, ...args: string[]) {
  const child = startChild(command, args, { stdin: 'ignore', stderr: 'inherit' });
  t.teardown(async () => {
    child.kill('SIGKILL');
    await child;
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return { child, pid: child.pid ?? 0 };
}
const WAITS = ['sh', '-c', 'echo here; exec sleep 60'] as const;
const SANDBOX = ['--unshare-user', '--unshare-pid', '--die-with-parent', '--dev-bind', '/', '/', '--proc', '/proc'];

t.test('processes outside of sandboxes, and this one', async (t) => {
  const { others } = await surveyProcesses();
  t.ok(others.includes(process.pid));
  t.ok(isOfThisUser(process.pid));
  t.not(others.includes(0), true);
});

t.test('a survey right after another finds what has started since', async (t) => {
  await surveyProcesses();
  const { pid } = await started(t, ...WAITS);
  const { others } = await surveyProcesses();
  t.ok(others.includes(pid));
});

t.test('a sandboxed process of this network is a suspect, in each survey, until it ends', async (t) => {
  const before = await surveyProcesses();
  const { child, pid } = await started(t, 'bwrap', ...SANDBOX, ...WAITS);
  for (const survey of [await surveyProcesses(), await surveyProcesses()]) {
    const { suspects, anyOnOurNetwork } = survey;
    t.ok(suspects.length > before.suspects.length);
    t.notOk(suspects.includes(pid), 'its outer process is outside');
    t.ok(anyOnOurNetwork);
  }
  child.kill('SIGKILL');
  await child;
  await until(async () => (await surveyProcesses()).suspects.length === before.suspects.length, 'its end');
  t.equal((await surveyProcesses()).anyOnOurNetwork, before.anyOnOurNetwork);
});

t.test('one with a network of its own is a suspect on another network', async (t) => {
  const before = await surveyProcesses();
  await started(t, 'bwrap', '--unshare-net', ...SANDBOX, ...WAITS);
  const { suspects, anyOnOurNetwork } = await surveyProcesses();
  t.ok(suspects.length > before.suspects.length);
  t.equal(anyOnOurNetwork, before.anyOnOurNetwork);
});
