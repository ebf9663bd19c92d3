import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  readPassword,
  readSetup,
  removeMarker,
  removePasswords,
  setupFolder,
  writeMarker,
  writePasswords,
  type SetupMarker,
} from '../../../server/sandbox/windows/setup-state.js';

const MARKER: SetupMarker = {
  version: 1,
  users: {
    offline: { name: 'codexd_off_1a2b3c4d', sid: 'S-1-5-21-1-2-3-1001' },
    online: { name: 'codexd_on_1a2b3c4d', sid: 'S-1-5-21-1-2-3-1002' },
  },
  group: { name: 'codexd_1a2b3c4d', sid: 'S-1-5-21-1-2-3-1003' },
  lanePorts: [48100, 48101],
  allowLocalBinding: false,
  createdAt: '2026-11-30T12:00:00.000Z',
};

/** A DPAPI of another machine in its outcome: it refuses what it did not seal. */
const SECRETS = {
  protect: (plain: Buffer) => Buffer.concat([Buffer.from('sealed'), plain]),
  unprotect: (sealed: Buffer) => {
    if (sealed.subarray(0, 6).toString() !== 'sealed') throw new RangeError('not sealed here');
    return sealed.subarray(6);
  },
};

t.test('a marker is read as it was written, and its removal is the end', async (t) => {
  const home = t.testdir();
  t.strictSame(readSetup(home), { status: 'notConfigured' });
  fs.mkdirSync(setupFolder(home));
  writeMarker(home, MARKER);
  t.strictSame(readSetup(home), { status: 'ready', marker: MARKER });
  removeMarker(home);
  removeMarker(home);
  t.strictSame(readSetup(home), { status: 'notConfigured' });
});

t.test('what is no whole marker of this version needs a new set-up', async (t) => {
  const home = t.testdir({ '.codexd-sandbox': {} });
  const { users, group } = MARKER;
  const wrong: readonly unknown[] = [
    null,
    [],
    {},
    { ...MARKER, version: 2 },
    { ...MARKER, version: '1' },
    { ...MARKER, group: undefined },
    { ...MARKER, lanePorts: [0] },
    { ...MARKER, lanePorts: [80.5] },
    { ...MARKER, lanePorts: ['80'] },
    { ...MARKER, lanePorts: '80' },
    { ...MARKER, allowLocalBinding: 1 },
    { ...MARKER, createdAt: null },
    { ...MARKER, users: { ...users, offline: users.online } },
    { ...MARKER, users: { ...users, offline: { ...users.offline, sid: 'S-1-1-0' } } },
    { ...MARKER, users: { ...users, offline: { ...users.offline, name: 'CodexSandboxOffline' } } },
    { ...MARKER, users: { ...users, offline: { ...users.offline, name: 'codexd\\..\\x' } } },
    { ...MARKER, group: { ...group, sid: 'S-1-5-32-544' } },
  ];
  for (const value of wrong) {
    fs.writeFileSync(path.join(setupFolder(home), 'setup.json'), JSON.stringify(value));
    t.strictSame(readSetup(home), { status: 'updateRequired' }, JSON.stringify(value));
  }
  fs.writeFileSync(path.join(setupFolder(home), 'setup.json'), JSON.stringify(MARKER).slice(0, -9));
  t.strictSame(readSetup(home), { status: 'updateRequired' }, 'half of one');
});

t.test('passwords are stored sealed', async (t) => {
  const home = t.testdir({ '.codexd-sandbox': {} });
  t.equal(readPassword(home, 'offline', SECRETS), null);
  writePasswords(home, { offline: 'first word', online: 'second word' }, SECRETS);
  const file = path.join(setupFolder(home), 'secrets.json');
  t.notMatch(fs.readFileSync(file, 'utf8'), /first word|second word/);
  t.equal(readPassword(home, 'offline', SECRETS), 'first word');
  t.equal(readPassword(home, 'online', SECRETS), 'second word');
  fs.writeFileSync(file, JSON.stringify({ version: 1, offline: 'AAAA' }));
  t.throws(() => readPassword(home, 'offline', SECRETS), RangeError, "another machine's");
  t.equal(readPassword(home, 'online', SECRETS), null);
  removePasswords(home);
  t.equal(readPassword(home, 'offline', SECRETS), null);
});
