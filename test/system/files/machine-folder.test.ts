import t from 'tap';
import {
  machineFileDistrust,
  machineFolder,
  prepareMachineFolder,
} from '../../../server/system/files/machine-folder.js';
import { systemConfigDir } from '../../../server/config/settings/codex-home.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('it is /etc/codex, and nothing is asked about its files', notOnWindows, async (t) => {
  t.equal(prepareMachineFolder(), undefined);
  t.equal(machineFolder(), '/etc/codex');
  t.equal(machineFileDistrust('/etc/codex/requirements.toml'), null);
});

t.test(
  'on Windows no file counts before Windows was asked, and then Windows names the folder',
  onWindows,
  async (t) => {
    t.match(machineFileDistrust('C:\\ProgramData\\OpenAI\\Codex\\requirements.toml'), /has not been asked/);
    await prepareMachineFolder();
    t.equal(prepareMachineFolder(), undefined, 'once is enough');
    t.equal(machineFolder(), 'C:\\ProgramData\\OpenAI\\Codex');
    t.equal(
      systemConfigDir({ ProgramData: 'D:\\planted' }),
      'C:\\ProgramData\\OpenAI\\Codex',
      'a variable moves nothing',
    );
  },
);
