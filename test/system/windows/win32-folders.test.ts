import t from 'tap';
import { programDataFolder } from '../../../server/system/windows/win32-folders.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => programDataFolder(), { code: 'machine.native-module' });
});

t.test('Windows names the folder, whatever the environment says', onWindows, async (t) => {
  process.env['ProgramData'] = 'D:\\planted';
  t.equal(programDataFolder(), 'C:\\ProgramData');
});
