import t from 'tap';
import {
  machineFileDistrust,
  machineFolder,
  prepareMachineFolder,
} from '../../../server/system/files/machine-folder.js';
import { systemConfigDir } from '../../../server/config/settings/codex-home.js';
import { runToEnd } from '../../fixtures/programs.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('it is /etc/codex, and nothing is asked about its files', notOnWindows, async (t) => {
  t.equal(prepareMachineFolder(), undefined);
  t.equal(machineFolder(), '/etc/codex');
  t.equal(machineFileDistrust('/etc/codex/requirements.toml'), null);
});

t.test('on Windows no file counts before Windows was asked', onWindows, async (t) => {
  const module = new URL('../../../server/system/files/machine-folder.js', import.meta.url).href;
  const file = 'C:\\ProgramData\\OpenAI\\Codex\\requirements.toml';
  const script = `import(${JSON.stringify(module)}).then((it) => console.log(it.machineFileDistrust(${JSON.stringify(file)})))`;
  t.match(runToEnd(process.execPath, ['-e', script]), { stdout: /has not been asked/ });
});

t.test('then Windows names the folder, and a variable moves nothing', onWindows, async (t) => {
  await prepareMachineFolder();
  t.equal(prepareMachineFolder(), undefined, 'once is enough');
  t.equal(machineFolder(), 'C:\\ProgramData\\OpenAI\\Codex');
  t.equal(systemConfigDir({ ProgramData: 'D:\\planted' }), 'C:\\ProgramData\\OpenAI\\Codex');
});
