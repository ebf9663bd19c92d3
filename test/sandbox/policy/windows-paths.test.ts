import t from 'tap';
import type { FilesystemEntry, PermissionProfile } from '../../../server/config/permissions/permission-profile.js';
import { planSandbox, type SandboxPlan } from '../../../server/sandbox/policy/policy.js';
import { ALL_FILES } from '../../../server/system/files/paths.js';
import { DISK } from './windows-disk.js';

/** Plans with the paths of Windows and an invented disk. Runs on every platform. */

function plan(entries: readonly FilesystemEntry[], cwd = 'C:\\work', env = {}): Promise<SandboxPlan> {
  const profile: PermissionProfile = {
    id: 'p',
    extends: null,
    filesystem: { kind: 'restricted', entries, globScanMaxDepth: null },
    networkEnabled: false,
    enforcement: 'ours',
  };
  return planSandbox(
    { argv: ['x'], cwd, env, profile, workspaceRoots: ['c:/WORK'], network: 'offline', terminal: false },
    { codexHome: 'C:\\nowhere', hidden: [], scanNested: () => Promise.resolve([]), view: DISK },
  );
}
const lines = ({ mounts }: SandboxPlan): string[] => mounts.map(({ kind, path }) => `${kind} ${path}`);
const entry = (path: string, access: FilesystemEntry['access']): FilesystemEntry => ({
  target: { kind: 'path', path },
  access,
});
const ALL: FilesystemEntry = { target: { kind: 'root' }, access: 'read' };
const WORKSPACE: FilesystemEntry = { target: { kind: 'workspaceRoots', subpath: '' }, access: 'write' };

t.test('a workspace: all drives readable, the workspace writable in the spelling of the disk', async (t) => {
  const got = await plan([ALL, WORKSPACE]);
  t.equal(got.base, 'readable');
  t.same(lines(got), [
    'writable C:\\work',
    'empty C:\\work\\.agents',
    'empty C:\\work\\.aws',
    'empty C:\\work\\.codex',
    'readable C:\\work\\.git',
  ]);
  t.same(got.writable, ['C:\\work']);
  t.equal(got.sees('D:\\data'), true);
});

t.test('write access everywhere covers all drives', async (t) => {
  const got = await plan([{ ...ALL, access: 'write' }, entry('D:\\', 'read'), entry('\\\\HOST\\share', 'deny')]);
  t.equal(got.base, 'writable');
  t.same(got.writable, [ALL_FILES]);
  t.same(lines(got), ['readable D:\\', 'hidden \\\\host\\share\\']);
});

t.test('one place has one rule, whatever its spelling', async (t) => {
  for (const spelling of [
    'C:\\work\\Long Name\\secret',
    'c:/WORK/long name/SECRET',
    'C:\\work\\LONGNA~1\\secret',
    '\\\\?\\C:\\work\\LONGNA~1\\secret',
    'C:\\work\\Long Name.\\secret. ',
    'C:\\work\\x\\..\\Long Name\\secret',
  ]) {
    const got = lines(await plan([ALL, WORKSPACE, entry(spelling, 'deny')]));
    t.ok(got.includes('hidden C:\\work\\Long Name\\secret'), spelling);
    t.ok(got.includes('writable C:\\work\\Long Name'), 'pinned');
  }
});

t.test('a missing place has one spelling, too: a denial beats a grant in another case', async (t) => {
  const got = await plan([ALL, WORKSPACE, entry('C:\\work\\new\\A', 'deny'), entry('c:\\work\\NEW\\a', 'read')]);
  t.same(
    lines(got).filter((line) => /new/i.test(line)),
    ['empty C:\\work\\new'],
  );
  const other = await plan([ALL, WORKSPACE, entry('C:\\work\\.CODEX', 'read')]);
  t.same(
    lines(other).filter((line) => /codex/i.test(line)),
    ['empty C:\\work\\.CODEX'],
  );
});

t.test('a junction in a writable place is refused; elsewhere its target counts', async (t) => {
  await t.rejects(plan([ALL, WORKSPACE, entry('C:\\work\\AWAY\\inside', 'deny')]), { code: 'sandbox.refused' });
  const got = await plan([ALL, entry('c:\\work\\away\\INSIDE', 'deny')]);
  t.same(lines(got), ['hidden D:\\data\\inside']);
  await t.rejects(plan([ALL, entry('C:\\work\\round', 'deny')]), { message: /too many levels of symbolic links/ });
});

t.test('the system folders, and the temporary folders by their names on Windows', async (t) => {
  const got = await plan([
    { target: { kind: 'minimal' }, access: 'read' },
    { target: { kind: 'slashTmp' }, access: 'write' },
  ]);
  t.equal(got.base, 'bare');
  t.same(lines(got), ['readable C:\\Program Files', 'readable C:\\Windows', 'folder C:\\work']);
  const temporary = await plan([ALL, { target: { kind: 'tmpdir' }, access: 'write' }], 'C:\\work', {
    Temp: 'c:\\TMP',
    TMPDIR: 'relative',
  });
  t.same(temporary.writable, ['C:\\tmp']);
});

t.test('what is no path of a file is refused, and a missing drive is missing', async (t) => {
  for (const wrong of ['\\\\.\\pipe\\x', 'C:\\work\\a:stream', 'C:\\work\\NUL', '\\x', 'C:x'])
    await t.rejects(plan([ALL, WORKSPACE, entry(wrong, 'deny')]), { code: 'sandbox.refused' }, wrong);
  const got = await plan([{ ...ALL, access: 'write' }, entry('Q:\\x', 'deny')]);
  t.same(lines(got), []);
});
