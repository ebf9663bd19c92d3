import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { makeFolder } from '../../../../server/sandbox/windows/setup/setup-folder.js';
import { setupFolder } from '../../../../server/sandbox/windows/setup-state.js';
import { fakeMachine } from './fake-machine.js';

const ME = 'S-1-5-21-1-2-3-1000';

t.test('the folder is for the owner of the home, the system and the administrators', async (t) => {
  const home = fs.realpathSync.native(t.testdir());
  const { system } = fakeMachine();
  t.equal(makeFolder(home, system), null);
  t.equal(makeFolder(home, system), null, 'a second time');
  const found = system.lists.read(setupFolder(home));
  t.match(found, { sddl: `O:${ME}D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;${ME})` });
});

t.test('a list that is another one is an error', async (t) => {
  for (const list of [
    'D:P(A;OICI;FA;;;SY)',
    `D:(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;${ME})`,
    `D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;${ME})(A;OICI;FR;;;BU)`,
    'O:BA',
  ]) {
    const home = fs.realpathSync.native(t.testdir());
    const { system } = fakeMachine();
    const lists = {
      ...system.lists,
      read: (place: string) => ({ sddl: key(place) === key(setupFolder(home)) ? list : `O:${ME}D:` }),
    };
    t.match(makeFolder(home, { ...system, lists }), /cannot be closed to other users/, list);
  }
});

t.test('a link is refused', { skip: process.platform === 'win32' ? 'Wine has no links' : false }, async (t) => {
  const root = fs.realpathSync.native(t.testdir({ home: {}, system: {} }));
  const home = path.join(root, 'home');
  fs.symlinkSync(path.join(root, 'system'), setupFolder(home));
  const machine = fakeMachine();
  t.match(makeFolder(home, machine.system), /is a link/);
  t.notOk(machine.calls.includes('writeList'));
});

const key = (place: string): string => path.resolve(place).toLowerCase();
