import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { closeToOthers, privateList } from '../../../server/system/windows/private-folder.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('the list has three entries, and inherits nothing', async (t) => {
  t.equal(privateList('S-1-5-21-1'), 'D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;S-1-5-21-1)');
});

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => closeToOthers('/'), { code: 'machine.native-module' });
});

t.test('the calls of Windows take it', onWindows, async (t) => {
  const folder = path.join(t.testdir(), 'a');
  fs.mkdirSync(folder);
  closeToOthers(folder);
  fs.writeFileSync(path.join(folder, 'file'), 'x');
  t.throws(() => closeToOthers(path.join(folder, 'none')), { code: 'machine.scratch', message: /cannot be closed to/ });
});
