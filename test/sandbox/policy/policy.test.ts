import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { planSandbox, type SandboxPlan } from '../../../server/sandbox/policy/policy.js';
import { paths, realPath } from '../../../server/system/files/paths.js';
import type { SandboxRequest } from '../../../server/sandbox/policy/sandbox.js';
import { slashed } from '../../fixtures/local-paths.js';
import { notOnWindows, withLinks } from '../../fixtures/windows.js';
import { profile, workspace } from '../support.js';

/** The plan as data: which mounts it has. Runs on every platform with POSIX paths. */

interface Tree {
  readonly root: string;
  readonly work: string;
  plan(overrides: Partial<SandboxRequest>): Promise<SandboxPlan>;
  /** Mounts as `KIND PATH`, without the tree's own root. */
  lines(overrides: Partial<SandboxRequest>): Promise<readonly string[]>;
}

function tree(t: Test, work: NonNullable<Parameters<Test['testdir']>[0]> = {}): Tree {
  const root = realPath(t.testdir({ home: { 'config.toml': '', 'auth.json': '', skills: {} }, work, outside: {} }));
  const at = (name: string): string => path.join(root, name);
  const plan: Tree['plan'] = (overrides) =>
    planSandbox(
      {
        argv: ['true'],
        cwd: at('work'),
        env: {},
        profile: workspace(),
        workspaceRoots: [at('work')],
        network: 'offline',
        terminal: false,
        ...overrides,
      },
      { codexHome: at('home'), hidden: [], scanNested: () => Promise.resolve([]) },
    );
  return {
    root,
    work: at('work'),
    plan,
    lines: async (overrides) =>
      (await plan(overrides)).mounts.map(({ kind, path }) => slashed(`${kind} ${path.replace(root, '')}`)),
  };
}

t.test(
  'a workspace: one writable mount, its protected names, and the Codex home replaced by a private folder',
  async (t) => {
    const { lines, plan, work } = tree(t, { '.git': {} });
    t.same(await lines({}), [
      'privateFolder /home',
      'readable /home/config.toml',
      'readable /home/skills',
      'writable /work',
      'empty /work/.agents',
      'empty /work/.aws',
      'empty /work/.codex',
      'readable /work/.git',
    ]);
    const { base, placeholders } = await plan({});
    t.equal(base, 'readable');
    t.same(
      [...placeholders].sort(),
      ['.agents', '.aws', '.codex'].map((name) => path.join(work, name)),
    );
  },
);

t.test('folders between a writable root and a protected place are mount points', async (t) => {
  const { lines } = tree(t, { a: { b: { secret: 'x' } } });
  const got = await lines({ profile: workspace({ 'ws/a/b/secret': 'deny' }) });
  t.same(
    got.filter((line) => line.includes('/work/a')),
    ['writable /work/a', 'writable /work/a/b', 'hidden /work/a/b/secret'],
  );
});

t.test('a writable root inside another one needs no mount of its own, and stays in its place', async (t) => {
  const { lines, root } = tree(t, { '.git': {} });
  const got = await lines({ profile: profile({ ':root': 'read', ws: 'write', [root]: 'write' }) });
  t.ok(got.includes('writable '), 'the outer root');
  t.ok(got.includes('writable /work'), 'pinned, so that nobody puts another folder with another .git in its place');
  t.ok(got.includes('readable /work/.git'));
});

t.test('a minimal sandbox has the granted paths and the links to them', notOnWindows, async (t) => {
  const { plan } = tree(t);
  const { base, mounts } = await plan({ profile: profile({ ':minimal': 'read' }) });
  t.equal(base, 'bare');
  const kinds = new Map(mounts.map((mount) => [mount.path, mount.kind]));
  t.equal(kinds.get('/usr'), 'readable');
  t.equal(kinds.get('/bin'), fs.lstatSync('/bin').isSymbolicLink() ? 'link' : 'readable');
  t.notOk(
    [...kinds.keys()].some(
      (place) => place.startsWith('/home') || place.startsWith('/proc') || place.startsWith('/sys'),
    ),
  );
});

t.test('the command’s working folder is empty if it may not see it', async (t) => {
  const { plan, work } = tree(t);
  const { mounts, workingFolder } = await plan({ profile: profile({ ':minimal': 'read' }) });
  t.same(
    mounts.filter((mount) => mount.path === work),
    [{ kind: 'folder', path: work }],
  );
  t.equal(workingFolder, work);
});

t.test('no mount is planned without an effect', async (t) => {
  const { lines, root } = tree(t);
  const got = await lines({
    profile: profile({
      ':root': 'read',
      [`${root}/outside`]: 'read',
      ...(paths.windows ? {} : { '/usr': 'read', '/proc/self': 'write', '/dev': 'write' }),
    }),
  });
  t.same(got, ['privateFolder /home', 'readable /home/config.toml', 'readable /home/skills']);
});

t.test('a TMPDIR that is a link in a writable place is ignored', withLinks, async (t) => {
  const { lines, work, root } = tree(t);
  fs.symlinkSync(path.join(root, 'outside'), path.join(work, 'tmp'));
  const got = await lines({ profile: workspace({ ':tmpdir': 'write' }), env: { TMPDIR: path.join(work, 'tmp') } });
  t.notOk(got.includes('writable /outside'));
  t.ok(
    (await lines({ profile: workspace({ ':tmpdir': 'write' }), env: { TMPDIR: `${root}/outside` } })).includes(
      'writable /outside',
    ),
  );
});

t.test('all files: no mounts but those of the daemon itself', async (t) => {
  const { plan } = tree(t);
  const unrestricted = { ...workspace(), filesystem: { kind: 'unrestricted' } } as const;
  t.match(await plan({ profile: unrestricted }), { base: 'unrestricted', mounts: [], placeholders: [] });
});

t.test('a loop of links is named', withLinks, async (t) => {
  const { plan, work } = tree(t);
  fs.symlinkSync('b', path.join(work, 'a'));
  fs.symlinkSync('a', path.join(work, 'b'));
  await t.rejects(plan({ profile: profile({ ':root': 'read', 'ws/a': 'deny' }) }), {
    message: /too many levels of symbolic links/,
  });
});
