import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { makePlace, names, profile, skipReason, tries, workspace } from './support.js';
import { until } from '../fixtures/until.js';

/** Security bar, cases 51 and 52: what a command may not change in its workspace. */
const skip = await skipReason();

t.test('case 51: existing protected names can be read, and not changed, renamed or removed', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  place.folder('.git/hooks');
  place.write('.git/config', '[core]\n');
  place.folder('.codex');
  const got = await tries(
    place,
    [
      'echo x > plain',
      'mkdir -p d/e',
      'cat .git/config',
      'echo x >> .git/config',
      'touch .git/hooks/pre-commit',
      'mv .git .git2',
      'rm -rf .git',
      'touch .codex/config.toml',
      'ln .git/config link',
    ],
    { profile: workspace() },
  );
  t.same(got, {
    'echo x > plain': 'done',
    'mkdir -p d/e': 'done',
    'cat .git/config': 'done',
    'echo x >> .git/config': 'refused',
    'touch .git/hooks/pre-commit': 'refused',
    'mv .git .git2': 'refused',
    'rm -rf .git': 'refused',
    'touch .codex/config.toml': 'refused',
    'ln .git/config link': 'refused',
  });
  t.same(names(place.work), ['.codex', '.git', 'd', 'plain']);
  t.same(names(`${place.work}/.git`), ['config', 'hooks']);
});

t.test('case 51: missing protected names cannot be created, and nothing of them is left', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const lines = ['.git', '.codex', '.agents', '.aws'].flatMap((name) => [
    `mkdir -p ${name}/x`,
    `rmdir ${name}`,
    `mv ${name} away`,
    `ln -s /tmp ${name}`,
    `echo x > ${name}`,
  ]);
  const got = await tries(place, [...lines, 'ls -d .git'], { profile: workspace() });
  for (const line of lines) {
    // `ln -s target folder` creates a link in the folder: refused as well.
    t.equal(got[line], 'refused', line);
  }
  t.equal(got['ls -d .git'], 'done', 'they show up as empty folders');
  t.same(names(place.work), []);
});

t.test('case 51: every writable root is protected, including temporary folders', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const lines = [place.work, place.outside, place.tmp].map((root) => `mkdir ${root}/.codex/x`);
  const got = await tries(place, [...lines, `touch ${place.outside}/f ${place.tmp}/f`], {
    profile: profile({ ':root': 'read', ws: 'write', ':tmpdir': 'write', [place.outside]: 'write' }),
  });
  for (const line of lines) t.equal(got[line], 'refused', line);
  t.equal(got[`touch ${place.outside}/f ${place.tmp}/f`], 'done');
  for (const root of [place.work, place.outside, place.tmp]) t.notOk(fs.existsSync(`${root}/.codex`));
});

t.test('case 51: nested repositories and configuration are protected if they exist', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  place.folder('vendor/x/.git/hooks');
  place.folder('packages/app/.codex');
  const got = await tries(
    place,
    [
      'touch vendor/x/.git/hooks/pre-commit',
      'touch packages/app/.codex/config.toml',
      'mv vendor/x vendor/y',
      'mv vendor v',
      'rm -rf vendor',
      'touch vendor/x/source packages/app/source',
    ],
    { profile: workspace() },
  );
  t.same(Object.values(got), ['refused', 'refused', 'refused', 'refused', 'refused', 'done']);
  t.same(names(`${place.work}/vendor/x/.git`), ['hooks']);
});

t.test('case 51: a new nested repository is protected from the next command on', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  place.folder('a/b');
  await place.run('true', { profile: workspace() });
  place.folder('a/b/.git/hooks');
  // Three times: what a person created between two commands stays theirs, also after many commands.
  for (let time = 0; time < 3; time++) {
    t.match(await tries(place, ['touch a/b/.git/hooks/x'], { profile: workspace() }), {
      'touch a/b/.git/hooks/x': 'refused',
    });
  }
});

t.test("case 51: a .git file protects its target, and the target's shared folder", { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const main = path.join(place.outside, 'main/.git');
  const worktree = path.join(main, 'worktrees/wt');
  place.folder(path.join(main, 'hooks'));
  place.folder(worktree);
  place.write(path.join(worktree, 'commondir'), '../..\n');
  place.write('.git', `gitdir: ${worktree}\n`);
  const got = await tries(
    place,
    [
      'echo x > .git',
      'rm .git',
      `touch ${worktree}/HEAD`,
      `touch ${main}/hooks/pre-commit`,
      `mv ${place.outside}/main ${place.outside}/other`,
      `touch ${place.outside}/main/source`,
    ],
    { profile: workspace({ [place.outside]: 'write' }) },
  );
  t.same(Object.values(got), ['refused', 'refused', 'refused', 'refused', 'refused', 'done']);
});

t.test('case 51: a .git file that points to a missing folder prevents its creation', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  place.write('.git', 'gitdir: later/repo\n');
  t.match(await tries(place, ['mkdir -p later/repo/hooks'], { profile: workspace() }), {
    'mkdir -p later/repo/hooks': 'refused',
  });
  t.same(names(place.work), ['.git']);
});

t.test('case 52: with a protected name that is a symbolic link, the command is refused', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  fs.symlinkSync(place.outside, `${place.work}/.git`);
  await t.rejects(place.run('true', { profile: workspace() }), {
    code: 'sandbox.refused',
    message: new RegExp(`${place.work}/\\.git is a symbolic link .*could turn it elsewhere`),
  });
  t.match(
    await place.run('echo read', {}),
    { stdout: 'read\n' },
    'where nothing is writable the link cannot be turned',
  );
});

t.test(
  'case 52: with a path of the profile that crosses a link in a writable place, the command is refused',
  { skip },
  async (t) => {
    const place = makePlace((f) => t.teardown(f));
    place.write('real/secret', 'top');
    fs.symlinkSync('real', `${place.work}/link`);
    fs.symlinkSync(place.outside, `${place.work}/out`);
    const rows: readonly [why: string, words: Parameters<typeof workspace>[0]][] = [
      ['a denied path: the next command could have turned the link to another folder', { 'ws/link/secret': 'deny' }],
      ['a read-only path: likewise', { 'ws/link': 'read' }],
      ['a writable path: a command could have pointed the link at the home folder', { 'ws/out': 'write' }],
    ];
    for (const [why, words] of rows) {
      await t.rejects(place.run('true', { profile: workspace(words) }), { message: /symbolic link/ }, why);
    }
    t.match(
      await place.run('true', { profile: workspace({ 'ws/link': 'write' }) }),
      { code: 0 },
      'it leads to what is writable anyway',
    );
  },
);

t.test('case 52: links, hard links and other indirect paths have no effect', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  place.write(`${place.outside}/file`, 'untouched');
  fs.symlinkSync(`${place.outside}/file`, `${place.work}/link`);
  const lines = [
    'echo x > link',
    `ln ${place.outside}/file hard`,
    `echo x > /proc/self/root${place.outside}/file`,
    `echo x > /proc/self/cwd/../outside/file`,
    `cd /proc/1/root${place.outside} && echo x > file`,
    `mv ${place.outside}/file here`,
    `rm ${place.outside}/file`,
  ];
  const got = await tries(place, lines, { profile: workspace() });
  for (const line of lines) t.equal(got[line], 'refused', line);
  t.equal(fs.readFileSync(`${place.outside}/file`, 'utf8'), 'untouched');
});

t.test('case 52: changing a link while commands run does not change an existing sandbox', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  place.folder('dir/sub');
  place.write(`${place.outside}/sub/file`, 'untouched');
  const running = place.run('echo > ready; while [ ! -e go ]; do sleep 0.02; done; echo x > dir/sub/file', {
    profile: workspace(),
  });
  await until(() => fs.existsSync(`${place.work}/ready`), 'the command runs');
  fs.renameSync(`${place.work}/dir`, `${place.work}/old`);
  fs.symlinkSync(place.outside, `${place.work}/dir`);
  place.write('go');
  t.not((await running).code, 0);
  t.equal(fs.readFileSync(`${place.outside}/sub/file`, 'utf8'), 'untouched');
});

t.test('an entry of the profile for the protected name itself has precedence', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  place.folder('.git');
  place.write('.codex/skills/s', '');
  const got = await tries(place, ['touch .git/x', 'touch .codex/skills/x', 'touch .codex/x'], {
    profile: workspace({ 'ws/.git': 'write', 'ws/.codex/skills': 'write' }),
  });
  t.same(Object.values(got), ['done', 'done', 'refused']);
});
