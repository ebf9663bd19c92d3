/** Turns on a Windows without a sandbox: who is asked, and which files are read for the model. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { READ_ONLY, type PermissionProfile } from '../../../../server/config/permissions/permission-profile.js';
import { ConfigError } from '../../../../server/errors/config-error.js';
import { UNRESTRICTED } from '../../../../server/exec/start/permissions.js';
import { lacksSandbox, readingPermissions } from '../../../../server/sessions/tools/shell/without-sandbox.js';
import { stateOf } from '../../live/support.js';
import type { ThreadState } from '../../../../server/sessions/runtime/thread-state.js';

const plain = stateOf('/project');
const full: ThreadState = {
  ...plain,
  settings: {
    ...plain.settings,
    networkAccess: ({ networkEnabled }) => ({ kind: networkEnabled ? 'direct' : 'offline' }),
    codexd: { ...plain.settings.codexd, commandExec: { onNetworkDenial: 'refuse' } },
    assertAllowed: () => undefined,
  },
};
const readOnly: ThreadState = { ...full, profile: READ_ONLY };

t.test('a command lacks its sandbox on Windows alone, if it needs one and none was chosen', async (t) => {
  t.ok(lacksSandbox(readOnly, 'win32'));
  t.notOk(lacksSandbox(readOnly, 'linux'));
  t.notOk(lacksSandbox(readOnly, 'darwin'));
  t.notOk(lacksSandbox(full, 'win32'), 'full access needs none');
  const chosen = { ...readOnly, table: { windows: { sandbox: 'elevated' } } };
  t.notOk(lacksSandbox(chosen, 'win32'), 'one that was chosen has to work');
});

t.test('requirements that demand a sandbox are kept', async (t) => {
  const assertAllowed = (): never => {
    throw new ConfigError('the administrator demands a sandbox');
  };
  t.notOk(lacksSandbox({ ...readOnly, settings: { ...readOnly.settings, assertAllowed } }, 'win32'));
});

t.test('files are read for the model where everything may be read, except for the Codex home', async (t) => {
  const folder = t.testdir({ home: { 'auth.json': '{}' }, 'a.txt': 'a', link: t.fixture('symlink', 'home/auth.json') });
  const home = path.join(folder, 'home');
  const isFree = (file: string, state = readOnly): boolean =>
    readingPermissions(state, path.join(folder, file), home, 'win32') === UNRESTRICTED;
  t.ok(isFree('a.txt'));
  t.ok(isFree('missing.txt'));
  t.notOk(isFree('home/auth.json'));
  t.notOk(isFree('HOME/Auth.json'), 'Windows has no case');
  t.notOk(isFree('home'));
  t.notOk(isFree('link'), 'the place counts, and not the name');
  t.notOk(readingPermissions(readOnly, path.join(folder, 'a.txt'), home, 'linux') === UNRESTRICTED);
  const denied: PermissionProfile = {
    ...READ_ONLY,
    filesystem: {
      kind: 'restricted',
      globScanMaxDepth: null,
      entries: [
        { target: { kind: 'root' }, access: 'read' },
        { target: { kind: 'path', path: folder }, access: 'deny' },
      ],
    },
  };
  t.notOk(isFree('a.txt', { ...readOnly, profile: denied }));
  t.ok(fs.existsSync(path.join(folder, 'a.txt')));
});
