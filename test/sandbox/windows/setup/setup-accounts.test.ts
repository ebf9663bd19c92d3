import t from 'tap';
import { Win32Error } from '../../../../server/system/windows/win32-security.js';
import {
  makeGroup,
  makeUser,
  removeGroup,
  removeUser,
} from '../../../../server/sandbox/windows/setup/setup-accounts.js';
import type { SetupSystem } from '../../../../server/sandbox/windows/setup/setup-system.js';
import { onWindows } from '../../../fixtures/windows.js';
import { fakeMachine } from './fake-machine.js';

const GROUP = { name: 'codexd_1', sid: 'S-1-5-21-1-2-3-1001' };

function system(change: (system: SetupSystem) => Partial<SetupSystem['accounts'] & SetupSystem['security']>) {
  const { system } = fakeMachine();
  makeGroup(system, 'codexd_1');
  const changed = change(system);
  return { ...system, accounts: { ...system.accounts, ...changed }, security: { ...system.security, ...changed } };
}

t.test('accounts are made, renewed and removed', async (t) => {
  const { system } = fakeMachine();
  const group = makeGroup(system, 'codexd_1');
  t.strictSame(group, GROUP);
  t.strictSame(makeGroup(system, 'codexd_1'), GROUP);
  const user = makeUser(system, 'codexd_off', 'word', GROUP);
  t.match(user, { name: 'codexd_off', sid: /^S-1-5-21-/ });
  t.strictSame(makeUser(system, 'codexd_off', 'other', GROUP), user);
  t.equal(removeUser(system, 'codexd_off'), null);
  t.equal(removeUser(system, 'codexd_off'), null);
  t.equal(removeGroup(system, 'codexd_1'), null);
  t.equal(removeGroup(system, 'codexd_1'), null);
});

t.test('an account that is another than asked is refused', async (t) => {
  const make = (change: Parameters<typeof system>[0]) => makeUser(system(change), 'codexd_off', 'word', GROUP);
  t.match(
    make(() => ({ userFacts: () => ({ flags: 0x10243, privilege: 1 }) })),
    /is disabled/,
  );
  t.match(
    make(() => ({ userFacts: () => ({ flags: 0x201, privilege: 1 }) })),
    /other flags/,
  );
  t.match(
    make(() => ({ accountOf: () => ({ sid: 'S-1-5-32-544', use: 4 }) })),
    /another kind/,
  );
  t.match(
    make(() => ({ accountOf: () => new Win32Error('LookupAccountName', 1332) })),
    /cannot be read back: .*1332/,
  );
  t.match(
    make(() => ({ addMember: () => null })),
    /reported success, but codexd_off is no member of codexd_1/,
  );
  t.match(
    make(({ security }) => ({ nameOf: (sid) => (sid === 'S-1-5-32-544' ? 'codexd_1' : security.nameOf(sid)) })),
    /administrator/,
  );
  t.match(
    makeGroup(
      system(() => ({ accountOf: () => ({ sid: GROUP.sid, use: 1 }) })),
      'codexd_1',
    ),
    /another kind/,
  );
  t.match(
    removeUser(
      system(() => ({ accountOf: () => ({ sid: GROUP.sid, use: 1 }) })),
      'codexd_off',
    ),
    /still there/,
  );
});

t.test("Wine's accounts are not there when they are asked for", onWindows, async (t) => {
  const { win32Accounts } = await import('../../../../server/system/windows/administration/win32-accounts.js');
  const { win32Security } = await import('../../../../server/system/windows/win32-security.js');
  t.match(
    makeGroup({ accounts: win32Accounts(), security: win32Security() }, 'codexd_1'),
    /the group codexd_1 cannot be read back: .*1332/,
  );
});
