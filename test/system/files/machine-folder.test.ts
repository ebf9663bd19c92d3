import t from 'tap';
import { machineFolder, windowsMachineFolder } from '../../../server/system/files/machine-folder.js';
import { systemConfigDir } from '../../../server/config/settings/codex-home.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('it is /etc/codex', notOnWindows, async (t) => {
  t.equal(machineFolder({ ProgramData: 'C:\\x' }), '/etc/codex');
});

t.test('on Windows it is below the data of all users, and never on the current drive', async (t) => {
  t.equal(windowsMachineFolder({ PROGRAMDATA: 'D:\\Data' }), 'D:\\Data\\OpenAI\\Codex');
  t.equal(windowsMachineFolder({ ProgramData: '\\etc', SystemDrive: 'E:' }), 'E:\\ProgramData\\OpenAI\\Codex');
  t.equal(windowsMachineFolder({ ProgramData: '..', SystemDrive: '..' }), 'C:\\ProgramData\\OpenAI\\Codex');
  t.equal(windowsMachineFolder({}), 'C:\\ProgramData\\OpenAI\\Codex');
});

t.test('the daemon reads it there', onWindows, async (t) => {
  t.equal(systemConfigDir({ ProgramData: 'C:\\ProgramData' }), 'C:\\ProgramData\\OpenAI\\Codex');
});
