import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { fileLists } from '../../../server/sandbox/windows/file-lists.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('elsewhere there are no calls', notOnWindows, async (t) => {
  t.throws(() => fileLists.read('C:\\'), { code: 'machine.native-module' });
});

t.test('lists of files are read and written, and a path that is missing is told apart', onWindows, async (t) => {
  const file = path.join(t.testdir(), 'file');
  t.match(fileLists.read(file), { missing: true, error: /os error 2/ });
  t.match(fileLists.write(file, 'D:(A;;FA;;;WD)', false), /os error 2/);
  fs.writeFileSync(file, '');
  t.match(fileLists.read(file), { sddl: /D:/ });
  t.equal(fileLists.write(file, 'D:(A;;FA;;;WD)', true), null);
});
