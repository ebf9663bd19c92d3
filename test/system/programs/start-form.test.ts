import path from 'node:path';
import t from 'tap';
import { startForm } from '../../../server/system/programs/start-form.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

const call = { file: 'tool', args: ['a b'], cwd: process.cwd(), env: {} };

t.test('a program is started as it is, in its own session if asked', notOnWindows, async (t) => {
  t.strictSame(startForm(call, true), { file: 'tool', args: ['a b'], options: { detached: true } });
  t.strictSame(startForm(call, false), { file: 'tool', args: ['a b'], options: { detached: false } });
});

t.test('on Windows it is found first, and has no window', onWindows, async (t) => {
  await t.rejects(async () => startForm(call, true), { code: 'machine.program', message: 'program not found' });
  const form = await startForm({ ...call, file: 'cmd' }, true);
  t.equal(path.basename(form.file).toLowerCase(), 'cmd.exe');
  t.strictSame(form.options, { detached: false, windowsHide: true });
});
