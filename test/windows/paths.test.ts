import fs from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import type { FilesystemEntry } from '../../server/config/permissions/permission-profile.js';
import { readFilesystem } from '../../server/config/permissions/entries.js';
import { trustOf } from '../../server/config/layers/project-layers.js';
import { newTable } from '../../server/config/toml/value.js';
import { writeConfig } from '../../server/config/write/write-config.js';
import { grantedOf } from '../../server/sessions/approvals/extra-permissions.js';
import { makeHome } from '../config/home.js';
import { createPathResolver } from '../../server/sandbox/policy/resolve-path.js';
import { planSandbox, type SandboxPlan } from '../../server/sandbox/policy/policy.js';
import { createNestedScanner } from '../../server/sandbox/policy/nested-protected.js';
import { isDenied } from '../../server/sandbox/policy/denied-files.js';
import { onWindows } from '../fixtures/windows.js';
import { profile, workspace } from '../sandbox/support.js';

/** Paths on a real disk of Windows. Elsewhere nothing runs (sandbox/policy/windows-paths.test.ts runs everywhere). */

const options = onWindows;

const entry = (place: string, access: FilesystemEntry['access']): FilesystemEntry => ({
  target: { kind: 'path', path: place },
  access,
});

t.test('the resolver has the spelling of the disk', options, async (t) => {
  const root = fs.realpathSync.native(t.testdir({ 'Some Long Folder Name': { 'Secret File.txt': '' } }));
  const resolve = createPathResolver();
  const real = path.join(root, 'Some Long Folder Name', 'Secret File.txt');
  for (const given of [
    real,
    real.toLowerCase(),
    real.toUpperCase(),
    real.replaceAll('\\', '/'),
    `\\\\?\\${real}`,
    path.join(root, 'x', '..', 'SOME LONG FOLDER NAME', '.', 'secret file.TXT.'),
  ]) {
    t.match(resolve(given), { real, kind: 'file', missingFrom: null, links: [] }, given);
  }
  const script = `for %I in ("${real}") do @echo %~sI`;
  const { stdout } = await execa('cmd.exe', ['/d', '/s', '/c', script], { windowsVerbatimArguments: true });
  t.match(stdout, /~/, 'a short name');
  t.match(resolve(stdout.trim()), { real, kind: 'file' }, stdout);
  t.match(resolve('c:\\'), { real: 'C:\\', kind: 'folder' });
  t.match(resolve('Q:\\x'), { kind: 'missing', missingFrom: null });
  t.match(resolve(`${real}\\below`), { kind: 'missing', missingFrom: null });
  t.match(resolve(path.join(root.toUpperCase(), 'new', 'A')), {
    real: path.join(root, 'new', 'A'),
    missingFrom: path.join(root, 'new'),
  });
  t.equal(resolve(path.join(root, 'NEW', 'a')).real, path.join(root, 'new', 'A'), 'one spelling of a missing place');
});

t.test('a plan of a workspace', options, async (t) => {
  const root = fs.realpathSync.native(
    t.testdir({ home: { 'Config.toml': '', 'auth.json': '' }, work: { '.GIT': {}, sub: { '.Codex': {} } } }),
  );
  const work = path.join(root, 'work');
  const plan = (entries: readonly FilesystemEntry[], base = workspace()): Promise<SandboxPlan> =>
    planSandbox(
      {
        argv: ['x'],
        cwd: work,
        env: {},
        profile: {
          ...base,
          filesystem: {
            kind: 'restricted',
            globScanMaxDepth: null,
            entries: [...(base.filesystem.kind === 'restricted' ? base.filesystem.entries : []), ...entries],
          },
        },
        workspaceRoots: [work.toLowerCase()],
        network: 'offline',
        terminal: false,
      },
      { codexHome: path.join(root, 'HOME'), hidden: [], scanNested: createNestedScanner() },
    );
  const below = ({ mounts }: SandboxPlan): string[] =>
    mounts.map((mount) => `${mount.kind} ${mount.path.replace(root, '')}`);
  t.same(below(await plan([entry(path.join(work, 'SUB', 'secret'), 'deny')])), [
    'privateFolder \\home',
    'readable \\home\\Config.toml',
    'writable \\work',
    'readable \\work\\.GIT',
    'empty \\work\\.agents',
    'empty \\work\\.aws',
    'empty \\work\\.codex',
    'writable \\work\\sub',
    'readable \\work\\sub\\.Codex',
    'hidden \\work\\sub\\secret',
  ]);
  const globs = await plan([{ target: { kind: 'glob', base: null, pattern: '**\\*.GIT' }, access: 'deny' }]);
  t.ok(below(globs).includes('hidden \\work\\.GIT'));
  t.match(await plan([], profile({ ':root': 'write' })), { base: 'writable', writable: ['/'] });
  t.match(await plan([], profile({ ':minimal': 'read' })), { base: 'bare', workingFolder: work });
});

t.test('denied files, whatever their spelling', options, (t) => {
  const root = fs.realpathSync.native(t.testdir({ work: { 'Long Folder Name': { 'a.ENV': '' } } }));
  const file = path.join(root, 'work', 'Long Folder Name', 'a.ENV');
  const denied = (rule: FilesystemEntry['target'], asked = file): boolean =>
    isDenied(asked, profile({ ':root': 'read' }), [{ target: rule, access: 'deny', managed: true }], []);
  t.ok(denied({ kind: 'path', path: file.toLowerCase() }));
  t.ok(denied({ kind: 'path', path: path.dirname(file).toUpperCase() }, file.toLowerCase()));
  t.ok(denied({ kind: 'glob', base: root.toUpperCase(), pattern: '**/*.env' }));
  t.notOk(denied({ kind: 'path', path: path.join(root, 'other') }));
  t.end();
});

t.test('profiles: a path has one entry, and a denial of it in any spelling counts', options, (t) => {
  const read = (section: Readonly<Record<string, string>>) => [
    ...readFilesystem(Object.assign(newTable(), section), 'C:\\me').entries.values(),
  ];
  t.match(read({ 'C:\\Work\\x\\': 'write' }), [{ target: { kind: 'path', path: 'C:\\Work\\x' } }]);
  t.match(read({ 'c:/work/x': 'deny', 'C:\\Work\\X': 'write' }), [{ access: 'deny' }]);
  t.match(read({ 'c:/work/x': 'write', 'C:\\Work\\X': 'deny' }), [{ access: 'deny' }]);
  t.match(read({ '~\\x\\**': 'read' }), [{ target: { kind: 'path', path: 'C:\\me\\x' } }]);
  t.match(read({ '\\\\?\\C:\\a\\**\\*.env': 'deny' }), [
    { target: { kind: 'glob', base: 'C:\\a', pattern: '**/*.env' } },
  ]);
  t.match(read({ '\\\\host\\share\\*.key': 'deny' }), [
    { target: { kind: 'glob', base: '\\\\host\\share\\', pattern: '*.key' } },
  ]);
  for (const wrong of ['/x', '\\x', 'C:x', 'x', '\\\\h*st\\share\\x'])
    t.throws(() => read({ [wrong]: 'write' }), { code: 'config.invalid' }, wrong);
  t.end();
});

t.test('trust: [projects] in another spelling; "untrusted" wins', options, (t) => {
  const projects = (entries: Readonly<Record<string, string>>) =>
    Object.assign(newTable(), {
      projects: Object.assign(
        newTable(),
        ...Object.entries(entries).map(([folder, level]) => ({
          [folder]: Object.assign(newTable(), { trust_level: level }),
        })),
      ),
    });
  const level = (entries: Readonly<Record<string, string>>) =>
    trustOf('C:\\work', 'C:\\work', projects(entries), 'x').level;
  t.equal(level({ 'c:/WORK/': 'trusted' }), 'trusted');
  t.equal(level({ '\\\\?\\C:\\work': 'trusted' }), 'trusted');
  t.equal(level({ 'C:\\work': 'trusted', 'c:\\Work': 'untrusted' }), 'untrusted');
  t.equal(level({ 'C:\\workshop': 'trusted' }), null);
  t.end();
});

t.test('config.toml is the user’s, in any spelling', options, async (t) => {
  const { source, home } = makeHome(t);
  const file = path.join(home, 'config.toml');
  const edits = [{ keyPath: 'model', value: 'm', mergeStrategy: 'replace' }] as const;
  for (const filePath of [file, file.toUpperCase(), file.replaceAll('\\', '/'), `\\\\?\\${file}`])
    t.match(await writeConfig(source, { edits, filePath, expectedVersion: null }), { status: 'ok' }, filePath);
  for (const filePath of [`${file}:x`, path.join(home, 'other.toml'), '\\config.toml'])
    await t.rejects(
      writeConfig(source, { edits, filePath, expectedVersion: null }),
      { message: /user config/ },
      filePath,
    );
});

t.test('grants below a root, and the audit’s folder', options, (t) => {
  const asked = { network: false, read: [], write: ['C:\\work'] };
  t.same(
    grantedOf(asked, {
      network: null,
      fileSystem: { read: null, write: ['c:/WORK/sub', 'C:\\workshop', '\\x'], globScanMaxDepth: null, entries: null },
    }),
    { network: false, read: [], write: ['c:\\WORK\\sub'] },
  );
  t.end();
});
