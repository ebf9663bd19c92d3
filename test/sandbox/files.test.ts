import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { makePlace, names, profile, READ_ONLY, skipReason, tries, workspace, WORKSPACE_WRITE } from './support.js';
import { until } from '../fixtures/until.js';

/** What commands can read and write: docs/protocol/exec.md §7, docs/protocol/config.md §8. */
const skip = await skipReason();

t.test('the built-in profiles', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const lines = [place.work, place.outside, place.home, '/tmp', place.tmp, '/usr', '/'].map(
    (folder) => `f=${folder}/codexd-test-$$; : > "$f" && rm "$f"`,
  );
  const rows: readonly [name: string, profile: typeof READ_ONLY, want: string][] = [
    ['read-only writes nowhere', READ_ONLY, 'refused refused refused refused refused refused refused'],
    [
      'workspace writes the workspace and the temp folders',
      WORKSPACE_WRITE,
      'done refused refused done done refused refused',
    ],
  ];
  for (const [name, profile, want] of rows) {
    t.equal(Object.values(await tries(place, lines, { profile })).join(' '), want, name);
  }
});

t.test("denied writes give the file system's error, and devices work", { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  t.match(await place.run('echo x > f'), { stderr: /Read-only file system/ });
  const { stdout } = await place.run(
    'echo x > /dev/null && head -c 3 /dev/zero | wc -c && head -c 3 /dev/urandom | wc -c && touch /dev/shm/f && ls /dev/shm',
  );
  t.equal(stdout.replace(/ /g, ''), '3\n3\nf\n');
  t.notOk(fs.existsSync('/dev/shm/f'), '/dev/shm is the command’s own');
});

t.test('the most specific entry decides', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  for (const file of ['ro/f', 'ro/rw/f', 'secret/f', 'secret/shown/f', 'secret.env']) place.write(file, `in ${file}`);
  const got = await tries(
    place,
    [
      'echo x > ro/f',
      'echo x > ro/new',
      'mv ro ro2',
      'echo x > ro/rw/f',
      'cat secret/f',
      'ls secret',
      'cat secret/shown/f',
      'echo x > secret/shown/f',
      'cat secret.env',
      'echo x > secret.env',
      'rm -f secret.env',
      'mv secret.env other',
      'mv secret other',
      'cp -r secret other',
      'chmod 777 secret',
      'cat ro/f',
    ],
    {
      profile: workspace({
        'ws/ro': 'read',
        'ws/ro/rw': 'write',
        'ws/secret': 'deny',
        'ws/secret/shown': 'read',
        'ws/secret.env': 'deny',
      }),
    },
  );
  t.same(got, {
    'echo x > ro/f': 'refused',
    'echo x > ro/new': 'refused',
    'mv ro ro2': 'refused',
    'echo x > ro/rw/f': 'done',
    'cat secret/f': 'refused',
    'ls secret': 'refused',
    'cat secret/shown/f': 'done',
    'echo x > secret/shown/f': 'refused',
    'cat secret.env': 'refused',
    'echo x > secret.env': 'refused',
    'rm -f secret.env': 'refused',
    'mv secret.env other': 'refused',
    'mv secret other': 'refused',
    'cp -r secret other': 'refused',
    'chmod 777 secret': 'refused',
    'cat ro/f': 'done',
  });
  t.match(await place.run('cat secret.env', { profile: workspace({ 'ws/secret.env': 'deny' }) }), {
    stderr: /Permission denied/,
  });
});

t.test('for entries about the same path, deny wins over write and write over read', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  place.write('f', 'text');
  const options = (words: Parameters<typeof profile>[0]) => ({ profile: profile({ ':root': 'read', ...words }) });
  t.same(await tries(place, ['touch new'], options({ ws: 'write', [place.work]: 'read' })), { 'touch new': 'done' });
  t.same(await tries(place, ['cat f'], options({ 'ws/f': 'deny', [`${place.work}/f`]: 'write' })), {
    'cat f': 'refused',
  });
});

t.test('a missing denied or read-only path cannot be created, not even through its parents', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const got = await tries(
    place,
    ['echo x > gone.env', 'mkdir -p a/b/c', 'mkdir -p ro', 'mkdir -p ro/x', 'mkdir fine'],
    {
      profile: workspace({ 'ws/gone.env': 'deny', 'ws/a/b': 'read', 'ws/ro': 'read' }),
    },
  );
  t.same(Object.values(got), ['refused', 'refused', 'done', 'refused', 'done']);
  t.same(names(place.work), ['fine'], 'nothing is left on the host');
});

t.test(
  'a denied path in a folder that the daemon may not search stays closed if the folder becomes searchable',
  { skip: skip || (process.getuid?.() === 0 && 'NOT TESTED: modes do not hold root') },
  async (t) => {
    const place = makePlace((f) => t.teardown(f));
    place.write('locked/secret', 'text');
    fs.chmodSync(`${place.work}/locked`, 0);
    const got = await tries(place, ['chmod 700 locked && cat locked/secret', 'cat locked/secret'], {
      profile: workspace({ 'ws/locked/secret': 'deny' }),
    });
    fs.chmodSync(`${place.work}/locked`, 0o700);
    t.same(Object.values(got), ['refused', 'refused']);
  },
);

t.test('a file can be a writable root; a missing one, and a missing TMPDIR, are ignored', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const file = place.write(`${place.outside}/file`, 'old');
  const got = await place.run(`echo new > ${file}; cat ${file}; touch ${place.outside}/other`, {
    profile: profile({ ':root': 'read', [file]: 'write', '/no/such/root': 'write', ':tmpdir': 'write' }),
    env: { PATH: '/usr/bin:/bin', TMPDIR: `${place.root}/missing` },
  });
  t.equal(got.stdout, 'new\n');
  t.match(got.stderr, /Read-only file system/);
  t.equal(fs.readFileSync(file, 'utf8'), 'new\n');
  t.notOk(fs.existsSync('/no'));
});

t.test('the roots are those of the request, not the working folder', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const got = await tries(place, ['touch f', `touch ${place.work}/f`], { profile: workspace(), cwd: place.outside });
  t.same(Object.values(got), ['refused', 'done']);
});

t.test('a root that is a link is its target', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const link = `${place.root}/link`;
  fs.symlinkSync(place.work, link);
  const { stdout, code } = await place.run('touch f; pwd', { profile: workspace(), workspaceRoots: [link], cwd: link });
  t.equal(code, 0);
  t.ok(fs.existsSync(`${place.work}/f`));
  t.equal(stdout, `${link}\n`, 'PWD is the path that was asked for');
});

t.test('denied globs hide the files that match when the command starts', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  for (const file of ['.env', 'a/prod.env', 'a/b/c/.env', 'a/b/c/env', 'keys/x.pem', 'keys/x.pub'])
    place.write(file, `in ${file}`);
  fs.symlinkSync(place.write(`${place.outside}/shared.txt`, 'shared'), `${place.work}/link.env`);
  const lines = [
    'cat .env',
    'cat a/prod.env',
    'cat a/b/c/.env',
    'cat a/b/c/env',
    'cat keys/x.pem',
    'cat keys/x.pub',
    'cat link.env',
    `cat ${place.outside}/shared.txt`,
  ];
  const got = await tries(place, [...lines, 'touch a/b/new', 'mv keys other', 'mv a other'], {
    profile: workspace({}, { globs: ['**/*.env', 'keys/*.pem'] }),
  });
  t.same(got, {
    'cat .env': 'refused',
    'cat a/prod.env': 'refused',
    'cat a/b/c/.env': 'refused',
    'cat a/b/c/env': 'done',
    'cat keys/x.pem': 'refused',
    'cat keys/x.pub': 'done',
    'cat link.env': 'refused',
    [`cat ${place.outside}/shared.txt`]: 'refused',
    // Under another name, its content would not match `keys/*.pem` in the next command.
    'mv keys other': 'refused',
    'mv a other': 'done',
    'touch a/b/new': 'done',
  });
  t.match(await place.run('cat other/prod.env', { profile: workspace({}, { globs: ['**/*.env'] }) }), {
    stderr: /Permission denied/,
  });
});

t.test('only :minimal shows the system and nothing else', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  place.write('secret', 'text');
  const options = { profile: profile({ ':minimal': 'read' }) };
  const { stdout, code } = await place.run('ls -A / && ls -A && cat /etc/passwd > /dev/null && echo fine', options);
  t.equal(code, 0);
  const shown = new Set(stdout.trim().split('\n'));
  for (const name of ['home', 'root', 'tmp', 'opt', 'mnt', 'run', 'sys', 'srv', 'secret'])
    t.notOk(shown.has(name), `no ${name}`);
  for (const name of ['bin', 'dev', 'etc', 'proc', 'usr', 'fine']) t.ok(shown.has(name), name);
  t.match(await place.run([process.execPath.startsWith('/usr/') ? process.execPath : 'perl', '-e', ''], options), {
    code: 0,
  });
  const lines = ['touch /file', 'mkdir /usr/x', 'touch file', `cat ${place.work}/secret`, `ls ${place.outside}`];
  t.same(
    Object.values(await tries(place, lines, options)),
    lines.map(() => 'refused'),
    'not even its own empty folders can be written',
  );
});

t.test('workspace roots beside :minimal', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  place.write('f', 'text');
  const got = await tries(place, ['cat f', 'touch new', 'mkdir .git/x', `ls ${place.outside}`, 'ls ..', 'touch ../x'], {
    profile: profile({ ':minimal': 'read', ws: 'write' }),
  });
  t.same(Object.values(got), ['done', 'done', 'refused', 'refused', 'done', 'refused']);
});

t.test('a profile without programs is refused, and so is one that denies the working folder', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  await t.rejects(place.run('true', { profile: profile({}) }), {
    message: /`test` lets commands read nothing.*":minimal" = "read"/,
  });
  await t.rejects(place.run('true', { profile: profile({ [place.outside]: 'deny' }) }), { message: /read nothing/ });
  await t.rejects(place.run('true', { profile: profile({ ':root': 'read', ws: 'deny' }) }), {
    message: /denies the command's own working folder/,
  });
});

t.test(':root = write leaves /proc, /sys and the Codex home unchanged', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  place.write(`${place.home}/config.toml`, 'model = "m"\n');
  place.write(`${place.home}/auth.json`, '{}');
  const got = await tries(
    place,
    [
      `touch ${place.outside}/f`,
      `echo >> ${place.home}/config.toml`,
      `cat ${place.home}/auth.json`,
      `mv ${place.home} ${place.root}/h`,
      'echo > /sys/kernel/uevent_helper',
    ],
    { profile: profile({ ':root': 'write' }) },
  );
  t.same(Object.values(got), ['done', 'refused', 'refused', 'refused', 'refused']);
});

t.test('the Codex home shows configuration and folders, and no credentials', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const { home } = place;
  for (const name of ['auth.json', '.credentials.json', '.env', 'state_5.sqlite', 'config.toml', 'AGENTS.md'])
    place.write(`${home}/${name}`, name);
  for (const name of ['skills/s', 'sessions/r.jsonl', 'app-server-control/app-server-control.sock', 'secrets/local'])
    place.write(`${home}/${name}`, name);
  const elsewhere = place.write(`${place.outside}/dotfiles-credentials`, 'linked');
  fs.symlinkSync(elsewhere, `${home}/token.json`);
  const { stdout } = await place.run(
    `ls -A ${home}; cat ${home}/auth.json ${home}/sessions/r.jsonl; cat ${home}/config.toml ${home}/AGENTS.md ${home}/skills/s`,
    {},
  );
  t.equal(stdout, ['AGENTS.md', 'config.toml', 'skills', 'config.tomlAGENTS.mdskills/s'].join('\n'));
  t.match(
    await place.run(['cat', elsewhere], {}),
    { code: 1, stderr: /Permission denied/ },
    'what a hidden link leads to is hidden too',
  );
  t.match(await place.run(['ls', '-A', `${home}/tmp/codexd-sandbox`], {}), { code: 2 }, 'other commands’ launch files');
});

t.test('credentials that are replaced while a command runs do not appear in it', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const auth = place.write(`${place.home}/auth.json`, 'old');
  const running = place.run(
    `echo > ready; while [ ! -e go ]; do sleep 0.02; done; cat ${auth} ${place.home}/new.json`,
    { profile: workspace() },
  );
  await until(() => fs.existsSync(`${place.work}/ready`), 'the command runs');
  place.write(`${place.home}/auth.tmp`, 'fresh');
  fs.renameSync(`${place.home}/auth.tmp`, auth);
  place.write(`${place.home}/new.json`, 'fresh');
  place.write('go');
  t.match(await running, { stdout: '', code: 1 });
});

t.test('a workspace inside the Codex home works, and the home around it stays closed', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const tree = place.folder(`${place.home}/worktrees/w`);
  place.write(`${place.home}/auth.json`, '{}');
  const got = await tries(place, ['touch f', 'mkdir .git/x', 'cat ../../auth.json', 'touch ../f', `ls ${place.home}`], {
    profile: workspace(),
    workspaceRoots: [tree],
    cwd: tree,
  });
  t.same(Object.values(got), ['done', 'refused', 'refused', 'refused', 'done']);
});

t.test('devices and folders below /dev are granted by name', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const shm = fs.mkdtempSync('/dev/shm/codexd-test-');
  t.teardown(() => fs.rmSync(shm, { recursive: true }));
  const got = await tries(place, [`touch ${shm}/f`, `mkdir ${shm}/.git/x`], {
    profile: profile({ ':root': 'read', [shm]: 'write' }),
  });
  t.same(Object.values(got), ['done', 'refused']);
  t.same(names(shm), ['f']);
});

t.test("the daemon's hidden paths are hidden under every profile", { skip }, async (t) => {
  const secret = fs.mkdtempSync('/var/tmp/codexd-hidden-');
  t.teardown(() => fs.rmSync(secret, { recursive: true }));
  fs.writeFileSync(path.join(secret, 'f'), 'text');
  const place = makePlace((f) => t.teardown(f), { hiddenPaths: [secret, `${secret}/missing.sock`] });
  const profiles = [READ_ONLY, profile({ ':root': 'write' }), profile({ ':root': 'read', [secret]: 'write' })];
  for (const one of profiles) t.match(await place.run(['cat', `${secret}/f`], { profile: one }), { code: 1 });
  t.same(names(secret), ['f']);
});
