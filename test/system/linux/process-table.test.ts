import { once } from 'node:events';
import t from 'tap';
import { processExists, processStart, readProcess } from '../../../server/system/linux/process-table.js';
import { startChild } from '../../fixtures/programs.js';

const onLinux = { skip: process.platform === 'linux' ? false : 'Linux only' };

t.test('a process has its id, its parent and its start', onLinux, (t) => {
  const entry = readProcess(process.pid);
  t.match(entry, { pid: process.pid, parent: process.ppid, exiting: false, kernel: false });
  t.equal(processStart(process.pid), String(entry?.started));
  t.equal(processExists(process.pid), true);
  t.end();
});

t.test('a process that has ended, and was waited for, is not in the table', onLinux, async (t) => {
  const child = startChild('/bin/sh', ['-c', 'read line'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const pid = child.pid ?? 0;
  t.equal(processExists(pid), true);
  t.ok(Number(processStart(pid)) >= Number(processStart(process.pid)), 'started later');
  child.stdin.end('x\n');
  await once(child, 'exit');
  t.equal(processExists(pid), false);
  t.equal(processStart(pid), null);
  t.equal(readProcess(pid), null);
});

t.test('a name with spaces and parentheses does not shift the fields', onLinux, async (t) => {
  const folder = t.testdir({});
  const file = `${folder}/a) S (b`;
  const { copyFileSync } = await import('node:fs');
  copyFileSync('/bin/sh', file);
  const child = startChild(file, ['-c', 'read line'], { stdio: ['pipe', 'ignore', 'ignore'] });
  t.teardown(() => child.stdin.end('x\n'));
  await once(child, 'spawn');
  t.match(readProcess(child.pid ?? 0), { parent: process.pid });
  t.match(processStart(child.pid ?? 0), /^\d+$/);
});
