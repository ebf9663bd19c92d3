import t from 'tap';
import { UNRESTRICTED } from '../../../server/exec/start/permissions.js';
import { ConfigError } from '../../../server/errors/config-error.js';
import { serverPermissions } from '../../../server/sessions/mcp/server-permissions.js';
import { configOf, fakeAccess } from './support.js';

t.test('a server has the permissions of its profile, in the folders of its thread', async (t) => {
  const found = serverPermissions(configOf('permissions = "tight"'), fakeAccess());
  t.match(found, {
    permissions: { profile: { id: 'tight' }, workspaceRoots: ['/work'], network: { kind: 'offline' } },
    network: { kind: 'offline' },
  });
});

t.test('a profile that cannot be used is an error with its name, and never the open machine', async (t) => {
  for (const value of ['"none"', '""', '7'])
    t.throws(() => serverPermissions(configOf(`permissions = ${value}`), fakeAccess()), {
      message: /^mcp_servers\.srv\.permissions names the profile ".*", which cannot be used: no profile/,
    });
  const forbidden = fakeAccess();
  const settings = {
    ...forbidden.settings,
    assertAllowed() {
      throw new ConfigError('not allowed here', { origin: 'requirements' });
    },
  };
  t.throws(() => serverPermissions(configOf('permissions = "tight"'), { ...forbidden, settings }), {
    origin: 'requirements',
    message: /not allowed here/,
  });
});

t.test('without a profile it runs as its user, and is asked about where requirements judge its requests', async (t) => {
  t.same(serverPermissions(configOf(), fakeAccess()).permissions, UNRESTRICTED);
  const { settings, roots } = fakeAccess();
  const broken = {
    ...settings,
    networkAccess() {
      throw new ConfigError('a bad pattern');
    },
  };
  t.same(serverPermissions(configOf(), { settings: broken, roots }).network, { kind: 'direct' });
});
