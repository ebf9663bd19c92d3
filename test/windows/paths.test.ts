import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { FilesystemEntry } from '../../server/config/permissions/permission-profile.js';
import { createPathResolver } from '../../server/sandbox/policy/resolve-path.js';
import { planSandbox, type SandboxPlan } from '../../server/sandbox/policy/policy.js';
import { createNestedScanner } from '../../server/sandbox/policy/nested-protected.js';
import { isDenied } from '../../server/sandbox/policy/denied-files.js';
import { profile, workspace } from '../sandbox/support.js';

/** Paths on a real disk of Windows. Elsewhere nothing runs (sandbox/policy/windows-paths.test.ts runs everywhere). */

const ON_WINDOWS = process.platform === 'win32';
const options = ON_WINDOWS ? {} : { skip: 'needs Windows' };

const entry = (place: string, access: FilesystemEntry['access']): FilesystemEntry => ({
  target: { kind: 'path', path: place },
  access,
});

t.test('the resolver has the spelling of the disk', options, (t) => {
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
  t.match(resolve('c:\\'), { real: 'C:\\', kind: 'folder' });
  t.match(resolve('Q:\\x'), { kind: 'missing', missingFrom: null });
  t.match(resolve(`${real}\\below`), { kind: 'missing', missingFrom: null });
  t.match(resolve(path.join(root.toUpperCase(), 'new', 'A')), {
    real: path.join(root, 'new', 'A'),
    missingFrom: path.join(root, 'new'),
  });
  t.equal(resolve(path.join(root, 'NEW', 'a')).real, path.join(root, 'new', 'A'), 'one spelling of a missing place');
  t.end();
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
