/** Plans as entries, judged by the rules of AccessCheck; on Windows also by Windows' own AccessCheck. */
import t, { type Test } from 'tap';
import { accessPlan, isWithinFolder, key, type AccessOptions } from '../../../server/sandbox/windows/access-list.js';
import { canRemove, entriesAt, isGranted, type SidEntry } from '../../../server/sandbox/windows/access-judge.js';
import { aceText, RIGHTS } from '../../../server/system/windows/sddl.js';
import type { PlannedMount, SandboxPlan } from '../../../server/sandbox/policy/policy.js';
import { onWindows } from '../../fixtures/windows.js';

const GROUP = 'S-1-5-21-1-2-3-1003';
const USER = 'S-1-5-21-1-2-3-1001';
const USERS = 'S-1-5-32-545';
const HOME = 'C:\\Users\\me\\.codex';
const LOGON: AccessOptions = { path: 'logon', own: [HOME] };
const TOKEN: AccessOptions = { path: 'restrictedToken', own: [HOME] };

const plan = (mounts: readonly PlannedMount[], more: Partial<SandboxPlan> = {}): SandboxPlan => ({
  base: 'readable',
  mounts,
  placeholders: [],
  workingFolder: 'C:\\work',
  writable: [],
  unwanted: [],
  sees: () => true,
  ...more,
});

const WORKSPACE: readonly PlannedMount[] = [
  { kind: 'privateFolder', path: HOME, listable: true },
  { kind: 'readable', path: `${HOME}\\config.toml` },
  { kind: 'hidden', path: 'C:\\Users\\me\\secret', of: 'folder' },
  { kind: 'writable', path: 'C:\\work' },
  { kind: 'readable', path: 'C:\\work\\.git' },
  { kind: 'writable', path: 'C:\\work\\.git\\lfs' },
  { kind: 'empty', path: 'C:\\work\\.codex' },
  { kind: 'hidden', path: 'C:\\work\\.env', of: 'file' },
  { kind: 'writable', path: 'C:\\work\\sub' },
  { kind: 'readable', path: 'C:\\work\\sub\\.git' },
];

/** What Windows has without codexd: everyone reads the system, the owner has the rest. */
const BEFORE: readonly SidEntry[] = [
  { path: 'C:\\', effect: 'allow', sid: USERS, mask: RIGHTS.readAndExecute, inheritance: 'all' },
];

const withSids = (access: ReturnType<typeof accessPlan>, capability: (index: number) => string): SidEntry[] =>
  access.entries.map(({ to, ...entry }) => ({ ...entry, sid: to === 'group' ? GROUP : capability(to) }));
const capabilityOf = (index: number): string => `S-1-5-21-9-9-9-${5000 + index}`;

/** The answers that the plan must give, by every judge. */
const EXPECTED: readonly (readonly [path: string, read: boolean, write: boolean, remove: boolean])[] = [
  ['C:\\Windows\\system32', true, false, false],
  ['C:\\other\\file', true, false, false],
  ['C:\\work\\file', true, true, true],
  ['C:\\WORK\\Deep\\File', true, true, true],
  ['C:\\work\\.git', true, false, false],
  ['C:\\work\\.git\\config', true, false, false],
  ['C:\\work\\.git\\lfs\\object', true, true, true],
  ['C:\\work\\.codex', true, false, false],
  ['C:\\work\\.codex\\config.toml', true, false, false],
  ['C:\\work\\.env', false, false, false],
  ['C:\\work\\sub\\file', true, true, true],
  ['C:\\work\\sub', true, true, false],
  ['C:\\work\\sub\\.git\\config', true, false, false],
  ['C:\\Users\\me\\secret\\key', false, false, false],
  [HOME, true, false, false],
  [`${HOME}\\auth.json`, false, false, false],
  [`${HOME}\\config.toml`, true, false, false],
];

t.test('a workspace: reading by the group, writing by its capability', async (t) => {
  const access = accessPlan(plan(WORKSPACE, { placeholders: ['C:\\work\\.codex'] }), LOGON);
  const entries = [...BEFORE, ...withSids(access, capabilityOf)];
  const token = { sids: [USER, GROUP, USERS], restricting: access.capabilities.map((_key, i) => capabilityOf(i)) };
  for (const [place, read, write, remove] of EXPECTED) {
    t.equal(isGranted(entries, token, place, RIGHTS.readData), read, `read ${place}`);
    t.equal(isGranted(entries, token, place, RIGHTS.writeData), write, `write ${place}`);
    t.equal(canRemove(entries, token, place), remove, `remove ${place}`);
    if (!write)
      for (const bit of [0x2, 0x4, 0x10, 0x40, 0x100, 0x10000, 0x40000, 0x80000])
        t.notOk(isGranted(entries, token, place, bit), `right ${bit.toString(16)} at ${place}`);
  }
  t.strictSame(access.create, ['C:\\work\\.codex']);
  const without = { ...token, restricting: [] };
  t.notOk(isGranted(entries, without, 'C:\\work\\file', RIGHTS.writeData), 'a command without the capability');
  const stranger = { sids: [USERS], restricting: null };
  t.notOk(isGranted(entries, stranger, 'C:\\work\\file', RIGHTS.writeData), 'a user outside of the group');
});

t.test('Windows judges the same', onWindows, async (t) => {
  const { win32Security, Win32Error } = await import('../../../server/system/windows/win32-security.js');
  const calls = win32Security();
  const own = calls.ownSids();
  if (own instanceof Win32Error) return void t.fail(own.toString());
  const access = accessPlan(plan(WORKSPACE), LOGON);
  const entries = [...BEFORE, ...withSids(access, capabilityOf)];
  const [self = ''] = own;
  /** The list at a path for a token with these SIDs: they become the SID of this process, others stay unknown. */
  const listFor = (place: string, sids: readonly string[]): string =>
    entriesAt(entries, place)
      .map(({ effect, mask, sid }) => aceText(effect, 'none', mask, sids.includes(sid) ? self : 'S-1-5-21-7-7-7-7777'))
      .join('');
  const restricting = access.capabilities.map((_key, i) => capabilityOf(i));
  const allows = (place: string, mask: number): boolean =>
    [[GROUP, USERS], ...((mask & RIGHTS.change) === 0 ? [] : [restricting])].every(
      (sids) => calls.mayAccess(`O:SYG:SYD:${listFor(place, sids)}`, mask) === true,
    );
  for (const [place, read, write] of EXPECTED) {
    t.equal(allows(place, RIGHTS.readData), read, `read ${place}`);
    t.equal(allows(place, RIGHTS.writeData), write, `write ${place}`);
    t.equal(
      allows(place, RIGHTS.delete),
      isGranted(entries, { sids: [GROUP, USERS], restricting }, place, RIGHTS.delete),
    );
  }
});

t.test('profiles with other protections have other capabilities, and leave each other alone', async (t) => {
  const strict = accessPlan(
    plan([
      { kind: 'writable', path: 'C:\\work' },
      { kind: 'readable', path: 'C:\\work\\.git' },
    ]),
    LOGON,
  );
  const open = accessPlan(plan([{ kind: 'writable', path: 'C:\\work' }]), LOGON);
  t.not(strict.capabilities[0], open.capabilities[0]);
  t.strictSame(accessPlan(plan([{ kind: 'writable', path: 'c:\\WORK\\' }]), LOGON).capabilities, open.capabilities);
  const [a, b] = ['S-1-5-21-9-9-9-1', 'S-1-5-21-9-9-9-2'];
  const entries = [...withSids(strict, () => a), ...withSids(open, () => b)];
  const may = (capability: string): boolean =>
    isGranted(entries, { sids: [GROUP], restricting: [capability] }, 'C:\\work\\.git\\config', RIGHTS.writeData);
  t.notOk(may(a));
  t.ok(may(b));
});

function refused(t: Test, options: AccessOptions, mounts: readonly PlannedMount[], pattern: RegExp): void {
  t.throws(() => accessPlan(plan(mounts), options), { code: 'sandbox.refused', message: pattern });
}

t.test('a restricted token: no entries for the group, and no denied reading', async (t) => {
  const access = accessPlan(plan(WORKSPACE.filter((mount) => mount.kind !== 'hidden')), TOKEN);
  t.notOk(access.entries.some(({ to }) => to === 'group'));
  const entries: SidEntry[] = [
    { path: 'C:\\', effect: 'allow', sid: USER, mask: RIGHTS.all, inheritance: 'all' },
    ...withSids(access, capabilityOf),
  ];
  const token = { sids: [USER], restricting: access.capabilities.map((_key, i) => capabilityOf(i)) };
  for (const [place, write] of [
    ['C:\\work\\file', true],
    ['C:\\work\\.git\\config', false],
    ['C:\\other\\file', false],
    [`${HOME}\\config.toml`, false],
  ] as const)
    t.equal(isGranted(entries, token, place, RIGHTS.writeData), write, place);
  refused(t, TOKEN, WORKSPACE, /denies reading C:\\Users\\me\\secret/);
  accessPlan(plan([{ kind: 'hidden', path: `${HOME}\\tmp`, of: 'folder' }]), TOKEN);
  refused(t, TOKEN, [{ kind: 'hidden', path: `${HOME}2`, of: 'folder' }], /\.codex2/);
});

t.test('plans that lists cannot enforce are refused', async (t) => {
  for (const base of ['bare', 'writable', 'unrestricted'] as const)
    for (const options of [LOGON, TOKEN])
      t.throws(() => accessPlan(plan([], { base }), options), { code: 'sandbox.refused' }, base);
});

t.test('paths are compared as Windows does', async (t) => {
  t.equal(key('c:/Work/'), key('C:\\work'));
  t.ok(isWithinFolder('C:\\Work\\x', 'c:\\work'));
  t.ok(isWithinFolder('C:\\work', 'C:\\work\\'));
  t.ok(isWithinFolder('C:\\x', 'C:\\'));
  t.notOk(isWithinFolder('C:\\work2', 'C:\\work'));
  t.notOk(isWithinFolder('C:\\work\\..\\x', 'C:\\work'));
});
