/**
 * Security bar, cases 154 to 161: second mounts, later mounts, the names that lead to and from the Codex home, replaced
 * placeholders, and repositories below the workspace.
 */
import { execa } from 'execa';
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { packageRoot } from '../../server/package/package-root.js';
import { createPlaceholders } from '../../server/sandbox/linux/placeholders.js';
import { makePlace, skipReason, tries, workspace, type Place } from '../sandbox/support.js';
import { elapse, until } from '../fixtures/until.js';

const skip = await skipReason();
t.setTimeout(240_000);

const make = (t: Test, options: Parameters<typeof makePlace>[1] = {}): Place =>
  makePlace((f) => t.teardown(f), options);
const GIT = 'git -c user.name=a -c user.email=a@b -c init.defaultBranch=main';
const WRITE = { profile: workspace() };
const PROGRAM = path.join(packageRoot(), 'bin', 'codexd.cjs');

/** Runs a shell line in its own mount namespace, where it may mount; nothing of it is visible outside. */
async function inOwnMounts(script: string, place: Place): Promise<string> {
  const asRoot = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const env = {
    HOME: place.root,
    CODEX_HOME: place.home,
    CX: `${process.execPath} ${PROGRAM} sandbox`,
  };
  const words = [...asRoot, '--mount', '--propagation', 'private', 'sh', '-c', script];
  return (await execa('unshare', words, { cwd: place.work, env, timeout: 60_000, all: true, reject: false })).all;
}

t.test('case 154: a second mount of the same file system shows no hidden file', { skip }, async (t) => {
  const place = make(t);
  place.write(path.join(place.home, 'auth.json'), 'SECRET');
  place.write('.codex/config.toml', 'before');
  place.write('denied/key', 'SECRET');
  place.write(
    path.join(place.home, 'config.toml'),
    `default_permissions = "p"\n[permissions.p.filesystem]\n":root" = "read"\n":workspace_roots" = "write"\n"${place.outside}" = "write"\n"${place.work}/denied" = "deny"\n`,
  );
  const alias = path.join(place.root, 'outside', 'alias');
  fs.mkdirSync(alias);
  const seen = await inOwnMounts(
    `mount --bind / ${alias} && mount --bind ${place.home} ${place.root}/tmp &&
     $CX -- sh -c 'echo ran; cat ${alias}${place.home}/auth.json ${place.root}/tmp/auth.json ${alias}${place.work}/denied/key;
       echo evil > ${alias}${place.work}/.codex/config.toml; mkdir ${alias}${place.work}/.git && echo MADE;
       mv ${alias}${place.work}/.codex ${alias}${place.work}/x && echo MOVED'`,
    place,
  );
  t.match(seen, /ran/);
  t.notMatch(seen, /SECRET|MADE|MOVED/);
  t.equal(fs.readFileSync(path.join(place.work, '.codex/config.toml'), 'utf8'), 'before');
});

t.test(
  'case 155: a mount that the host makes while a command runs does not appear in its sandbox',
  { skip },
  async (t) => {
    const place = make(t);
    fs.mkdirSync(path.join(place.outside, 'later'));
    place.write(path.join(place.home, 'config.toml'), 'sandbox_mode = "workspace-write"\n');
    const later = path.join(place.outside, 'later');
    const seen = await inOwnMounts(
      `mount --make-rshared / && { $CX -- sh -c 'touch started; i=0; while [ $i -lt 100 ] && ! [ -e go ]; do sleep 0.1; i=$((i+1)); done
       touch ${later}/written && echo WRITTEN; cat ${later}/there && echo SEEN; echo ended' & } &&
     i=0; while [ $i -lt 200 ] && ! [ -e started ]; do sleep 0.1; i=$((i+1)); done
     mount -t tmpfs tmpfs ${later} && touch ${later}/there && touch go; wait`,
      place,
    );
    t.match(seen, /ended/);
    t.notMatch(seen, /WRITTEN|SEEN/);
  },
);

t.test('case 156: the target of a link in the Codex home cannot be written', { skip }, async (t) => {
  const place = make(t);
  place.write('dot/config.toml', 'before');
  place.write('dot/rules/default.rules', 'before');
  place.write('dot/one.rules', 'before');
  fs.symlinkSync(path.join(place.work, 'dot/config.toml'), path.join(place.home, 'config.toml'));
  fs.symlinkSync('../work/dot/rules', path.join(place.home, 'hooks'));
  fs.mkdirSync(path.join(place.home, 'rules'));
  fs.symlinkSync(path.join(place.work, 'dot/one.rules'), path.join(place.home, 'rules', 'one.rules'));
  const lines = [
    'echo evil > dot/config.toml',
    'rm dot/config.toml',
    'mv dot dot2',
    'echo evil > dot/rules/default.rules',
    'echo evil > dot/rules/new.rules',
    'echo evil > dot/one.rules',
    'ln -sf /tmp dot/one.rules',
  ];
  const results = await tries(place, lines, WRITE);
  for (const line of lines) t.equal(results[line], 'refused', line);

  fs.symlinkSync(path.join(place.work, 'missing'), path.join(place.home, 'AGENTS.md'));
  await t.rejects(place.run('true', WRITE), { message: /AGENTS\.md: it leads to .* which does not exist/ });
  fs.rmSync(path.join(place.home, 'AGENTS.md'));
  fs.symlinkSync('dot', path.join(place.work, 'turn'));
  fs.symlinkSync(path.join(place.work, 'turn/one.rules'), path.join(place.home, 'AGENTS.md'));
  await t.rejects(place.run('true', WRITE), { message: /crosses the symbolic link .*turn/ });
});

t.test('case 157: a command cannot change the link by which the next daemon finds its home', { skip }, async (t) => {
  const place = make(t);
  const link = path.join(place.work, 'home-link');
  const named = make(t, { homeNames: [link] });
  fs.symlinkSync(place.home, link);
  await t.rejects(named.run('true', { ...WRITE, workspaceRoots: [place.work], cwd: place.work }), {
    message: /give the next start another home/,
  });
  t.equal((await named.run('true', { cwd: place.work })).code, 0, 'a command that cannot write there runs');
});

t.test('case 158: a file at the place of a placeholder is unchanged', async (t) => {
  for (const killed of [false, true]) {
    const root = t.testdir({ a: {}, key: 'private' });
    const key = path.join(root, 'key');
    fs.chmodSync(key, 0o600);
    fs.mkdirSync(path.join(root, 'full/x'), { recursive: true });
    fs.chmodSync(path.join(root, 'full'), 0o700);
    const places = ['.codex', '.aws', '.git'].map((name) => path.join(root, 'a', name));
    const exchange = `
      const [codex, aws, git] = ${JSON.stringify(places)};
      for (const place of [codex, aws, git]) fs.renameSync(place, place + '-moved');
      fs.symlinkSync(${JSON.stringify(key)}, codex);
      fs.symlinkSync(${JSON.stringify(path.join(root, 'full'))}, aws);
      fs.mkdirSync(git);`;
    if (killed) {
      const module = path.join(packageRoot(), 'build/server/sandbox/linux/placeholders.js');
      await execa(
        process.execPath,
        [
          '-e',
          `const fs = require('node:fs'); import(${JSON.stringify(module)}).then(({ createPlaceholders }) => {
            createPlaceholders(() => {}).claim(${JSON.stringify(places)}); ${exchange}
            setTimeout(() => process.kill(process.pid, 'SIGKILL'), 300); })`,
        ],
        { reject: false },
      );
      await elapse(1500, 'the cleaner has done its work');
    } else {
      const held = createPlaceholders(() => {}).claim(places);
      new Function('fs', exchange)(fs);
      held.release();
    }
    t.ok(fs.existsSync(path.join(root, 'a/.codex-moved')), 'the exchange took place');
    t.equal(fs.statSync(key).mode & 0o7777, 0o600);
    t.equal(fs.statSync(path.join(root, 'full')).mode & 0o7777, 0o700);
    t.ok(fs.existsSync(places[2] as string), 'another empty folder stays');
  }
});

t.test(
  'case 159: an existing repository: its hooks and configuration are read-only, commits work',
  { skip },
  async (t) => {
    const place = make(t);
    const repository = path.join(place.work, 'one/two/three/four/five/six/seven/repo');
    fs.mkdirSync(repository, { recursive: true });
    await execa(
      'sh',
      ['-c', `${GIT} init -q && mkdir -p .git/modules/sub/hooks && cp .git/config .git/HEAD .git/modules/sub/`],
      { cwd: repository },
    );
    const at = (name: string): string => path.join(repository, '.git', name);
    const lines = [
      `echo x > ${at('hooks/pre-commit')}`,
      `echo x >> ${at('config')}`,
      `git -C ${repository} config core.fsmonitor /tmp/x`,
      `mv ${at('hooks')} ${at('hooks2')}`,
      `mv ${repository}/.git ${repository}/.git2`,
      `mv one/two one/2`,
      `rm -rf ${repository} && ! test -e ${at('config')}`,
      `echo x > ${at('modules/sub/config')}`,
      `echo x > ${at('modules/sub/hooks/post-checkout')}`,
      `mv ${at('modules/sub')} ${at('modules/x')}`,
    ];
    const { code, stderr } = await place.run(
      `cd ${repository} && touch f && git add f && ${GIT} commit -qm 1 && git checkout -q -b side && mkdir -p evil && cp .git/config evil/ && echo ../evil > .git/commondir`,
      WRITE,
    );
    t.equal(code, 0, stderr);
    t.notOk(fs.existsSync(at('commondir')), 'another common folder does not outlive the command');
    const results = await tries(place, lines, WRITE);
    for (const line of lines) t.equal(results[line], 'refused', line);
  },
);

t.test(
  'case 160: a repository that a command created stays the commands’, also after a restart',
  { skip },
  async (t) => {
    const place = make(t);
    const steps = [
      `git init -q dep && cd dep && ${GIT} commit -q --allow-empty -m 1 && mkdir -p .codex .agents`,
      `cd dep && ${GIT} commit -q --allow-empty -m 2 && git config user.name x && echo x > .git/hooks/x`,
      'mv dep lib && cd lib && git gc -q && echo x >> .codex/config.toml',
      `rm -rf lib && git init -q lib && cd lib && ${GIT} commit -q --allow-empty -m 3`,
      'git clone -q lib lib2 && rm -rf lib',
    ];
    for (const step of steps) {
      const { code, stderr } = await place.run(step, WRITE);
      t.equal(code, 0, `${step}: ${stderr}`);
    }
    // It is written some time after a command's end: here, about the last one.
    const born = fs.statSync(path.join(place.work, 'lib2/.git')).birthtimeMs;
    const times = path.join(place.home, 'tmp/codexd-sandbox/command-times');
    const ends = (): number[] =>
      fs.existsSync(times)
        ? Array.from(fs.readFileSync(times, 'utf8').matchAll(/^\[[^,]*,([^,]*),/gm), ([, to]) => Number(to))
        : [];
    await until(() => ends().some((to) => to >= born), 'an exchange after the birth');
    const later = makePlace(() => {}, { codexHome: place.home });
    const { code, stderr } = await later.run('git -C lib2 config user.name y && rm -rf lib2', {
      ...WRITE,
      cwd: place.work,
      workspaceRoots: [place.work],
    });
    fs.rmSync(later.root, { recursive: true });
    t.equal(code, 0, stderr);
  },
);

t.test('case 161: a repository that a person creates between two commands is protected', { skip }, async (t) => {
  const place = make(t);
  await place.run('true', WRITE);
  await elapse(800, 'the next look at the folder is due');
  place.write('theirs/.git/config', '[core]\n');
  place.write('theirs/.git/hooks/pre-commit', 'before');
  await elapse(100, 'the watcher sees it');
  const line = 'echo x > theirs/.git/hooks/pre-commit';
  t.match(await tries(place, [line], WRITE), { [line]: 'refused' });
});
