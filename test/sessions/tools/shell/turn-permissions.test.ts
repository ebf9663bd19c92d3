/** Full access needs neither sandbox nor proxy; everything else is enforced, and ends a command that is denied. */
import t from 'tap';
import type { CommandSettings } from '../../../../server/config/settings/command-settings.js';
import { DANGER_FULL_ACCESS, READ_ONLY } from '../../../../server/config/permissions/permission-profile.js';
import { ConfigError } from '../../../../server/errors/config-error.js';
import { UNRESTRICTED } from '../../../../server/exec/start/permissions.js';
import { sandboxKept, turnPermissions } from '../../../../server/sessions/tools/shell/turn-permissions.js';
import { stateOf } from '../../live/support.js';

const state = stateOf('/project');
/** Settings whose network is proxied, and which refuse what `refuse` says. */
const settings = (refuse: (() => never) | null = null): CommandSettings => ({
  ...state.settings,
  networkAccess: () => ({ kind: 'offline' }),
  codexd: { ...state.settings.codexd, commandExec: { onNetworkDenial: 'refuse' } },
  assertAllowed: () => refuse?.(),
});

t.test('full access runs as the person would', async (t) => {
  t.strictSame(turnPermissions({ ...state, settings: settings() }), { ...UNRESTRICTED, profile: DANGER_FULL_ACCESS });
});

t.test('a restricted profile, and full access without network, are enforced; a denial ends the command', async (t) => {
  for (const profile of [READ_ONLY, { ...DANGER_FULL_ACCESS, networkEnabled: false }])
    t.match(turnPermissions({ ...state, settings: settings(), profile }), {
      profile,
      workspaceRoots: ['/project'],
      network: { kind: 'offline' },
      onNetworkDenial: 'cancel',
    });
});

t.test('requirements keep the sandbox, with their reason; a fault is none', async (t) => {
  t.equal(sandboxKept({ ...state, settings: settings() }), null);
  const refused = settings(() => {
    throw new ConfigError('the administrator demands a sandbox');
  });
  t.equal(sandboxKept({ ...state, settings: refused }), 'the administrator demands a sandbox');
  const broken = settings(() => {
    throw new Error('no disk');
  });
  t.throws(() => sandboxKept({ ...state, settings: broken }), { message: 'no disk' });
});
