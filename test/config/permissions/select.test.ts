/** Which profile a legacy mode selects; the rest of the selection is in test/config/settings. */
import t from 'tap';
import { selectProfile, type SandboxMode } from '../../../server/config/permissions/select.js';
import { parseToml } from '../../../server/config/toml/parse-toml.js';

const selected = (platform: NodeJS.Platform, toml: string, sandbox?: SandboxMode) => {
  const { profile } = selectProfile({
    layers: [],
    table: parseToml(toml),
    permissions: undefined,
    trust: null,
    home: '/home/u',
    required: null,
    asked: sandbox === undefined ? undefined : { sandbox },
    platform,
  });
  const { filesystem } = profile;
  return filesystem.kind === 'unrestricted'
    ? 'everything'
    : filesystem.entries.some(({ access }) => access === 'write')
      ? 'writes'
      : 'reads';
};

t.test('on Windows workspace-write is read-only until a sandbox is chosen', async (t) => {
  const written = 'sandbox_mode = "workspace-write"\n[sandbox_workspace_write]\nnetwork_access = true\n';
  t.equal(selected('linux', written), 'writes');
  t.equal(selected('win32', written), 'reads');
  t.equal(selected('win32', '', 'workspace-write'), 'reads');
  for (const sandbox of ['elevated', 'unelevated'])
    t.equal(selected('win32', `${written}[windows]\nsandbox = "${sandbox}"\n`), 'writes');
  t.equal(selected('win32', '', 'danger-full-access'), 'everything');
});
