/**
 * Security bar, cases 75, 82 and 83: whatever the daemon does, none of its own names appears where commands look. Real
 * commands and turns in the real sandbox, in the test's own temporary folders, watched without a filter.
 */
import './support/private-temporary.js';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { packageRoot } from '../../server/package/package-root.js';
import { codexHomeView } from '../../server/sandbox/policy/codex-home-view.js';
import { event, items, say } from '../fixtures/model-server.js';
import { ask, DENIED, exec, runTurn, turnScene, UNLISTED } from '../fixtures/turn-scene.js';
import { needsPython, PYTHON, watchNames } from './support/name-watch.js';
import { elapse } from '../fixtures/until.js';
import { startChild } from '../fixtures/programs.js';

t.setTimeout(300_000);

const VISIBLE = ['agents', 'bin', 'hooks', 'memories', 'packages', 'plugins', 'prompts', 'proxy', 'rules', 'skills'];
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const PATCH = "apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: patched.txt\n+x\n*** End Patch\nEOF";

const s = await turnScene(t, []);
const { client, daemon, model } = s;
const { home, work } = daemon;
const tmpdir = process.env.TMPDIR ?? '';
const folders = VISIBLE.map((name) => path.join(home, name));
for (const folder of folders) fs.mkdirSync(folder, { recursive: true });
fs.writeFileSync(path.join(work, 'image.png'), PNG);

const READ = { type: 'readOnly' };
const WRITE = { type: 'workspaceWrite', writableRoots: [], excludeTmpdirEnvVar: false, excludeSlashTmp: false };
const OPEN = { type: 'dangerFullAccess' };

let made = 0;
const run = (command: readonly string[], params: object = {}) =>
  client.request(
    'command/exec',
    { command: [...command], cwd: work, timeoutMs: 60_000, ...params },
    { timeoutMs: 120_000 },
  );
const streams = (): object => ({ processId: `p${++made}`, streamStdin: true, streamStdoutStderr: true });

async function commandsOfAllKinds(): Promise<void> {
  for (const sandboxPolicy of [READ, WRITE, { ...WRITE, networkAccess: true }, OPEN]) {
    await Promise.all(Array.from({ length: 10 }, () => run(['sh', '-c', 'echo x; echo y >&2'], { sandboxPolicy })));
    await run(['true'], { sandboxPolicy, tty: true, ...streams() });
    await run(['true'], { sandboxPolicy, ...streams() });
    await run(['sleep', '60'], { sandboxPolicy, timeoutMs: 50 });
    await run(['/nothing'], { sandboxPolicy }).catch(() => null); // Not found: refused, or 127.
  }
  // In a lane, by the configured profile: allowed and denied.
  await Promise.all(Array.from({ length: 10 }, () => run(['true'])));
  const denied = await run(['bash', '-c', ask(DENIED, 80, '/')]);
  t.match(denied, { networkDenial: { host: DENIED } }, 'the control: it was in a lane');
  await client.request('process/spawn', { command: ['true'], processHandle: `h${++made}`, cwd: work });
}

async function settings(rounds: number): Promise<void> {
  for (let n = 0; n < rounds; n++)
    await client.request('config/value/write', {
      keyPath: 'model_verbosity',
      value: n % 2 ? 'low' : 'high',
      mergeStrategy: 'replace',
    });
}

/** A turn with a command, a command that prompts and gets a permanent rule, a patch and an image. */
async function turnOfAllKinds(threadId: string, host = UNLISTED): Promise<void> {
  model.push(
    items(
      exec('command', 'echo from the turn'),
      exec('asks', ask(host, s.upstream.port, '/')),
      exec('patch', PATCH),
      event.call('view_image', { path: 'image.png' }, 'image'),
    ),
    say('done'),
  );
  await runTurn(client, threadId, 'go');
}

client.onRequest('item/commandExecution/requestApproval', ({ networkApprovalContext }) => ({
  decision: {
    applyNetworkPolicyAmendment: {
      network_policy_amendment: { host: networkApprovalContext?.host ?? '', action: 'allow' as const },
    },
  },
}));
client.onRequest('item/fileChange/requestApproval', () => ({ decision: 'accept' as const }));

/** The names that commands may see, with the reason. */
const allowed = (name: string): boolean =>
  // Placeholders of protected names exist in a writable root while a command runs (docs/security.md).
  ([work, tmpdir, '/tmp'].includes(path.dirname(name)) &&
    ['.git', '.codex', '.agents', '.aws'].includes(path.basename(name))) ||
  // The requested files: the patch's file, the answer's file, the rules, and the certificates of the proxy.
  [path.join(work, 'patched.txt'), path.join(work, 'answer'), path.join(home, 'rules', 'default.rules')].includes(name);

t.test('case 75: no name of the daemon appears where commands look', { skip: needsPython }, async (t) => {
  await run(['true']);
  const watch = await watchNames([tmpdir, '/tmp', '/var/tmp', path.dirname(home), work, home, ...folders]);
  t.teardown(() => watch.stop());
  const control = path.join(tmpdir, 'control');
  fs.writeFileSync(control, '');
  await commandsOfAllKinds();
  const { thread } = await client.request('thread/start', { cwd: work });
  await turnOfAllKinds(thread.id);
  await settings(5);
  model.push(say('the answer'));
  const answer = path.join(work, 'answer');
  const bin = path.join(packageRoot(), 'bin', 'codexd.cjs');
  const program = startChild(process.execPath, [bin, 'exec', '--skip-git-repo-check', '-o', answer, 'a question'], {
    cwd: work,
    env: { CODEX_HOME: home },
    stdio: 'ignore',
  });
  await once(program, 'exit');
  await elapse(200, 'the watcher reads what the kernel has queued for it');
  // The controls: everything that was really done.
  t.equal(fs.readFileSync(answer, 'utf8').trim(), 'the answer');
  t.ok(fs.existsSync(path.join(work, 'patched.txt')));
  t.match(fs.readFileSync(path.join(home, 'rules', 'default.rules'), 'utf8'), UNLISTED);
  const seen = watch.seen();
  const top = seen.filter((name) => path.dirname(name) === home);
  t.same(
    seen.filter((name) => !top.includes(name) && !allowed(name)),
    [control],
  );
  // The home's top folder: commands see a private folder of the sandbox instead, with the entries of this view.
  const sample = fs.mkdtempSync('/var/tmp/sample-');
  for (const name of top) fs.writeFileSync(path.join(sample, path.basename(name)), '');
  t.same(
    codexHomeView(sample).visible.map(({ name }) => name),
    ['config.toml'],
    `of ${top.length} names in the home`,
  );
  t.ok(top.length > 3);
});

/** Prints every name that appears in some folders while it runs, and tries to replace each with its own file. */
const SPY = `
import ctypes, os, sys, time
libc = ctypes.CDLL(None, use_errno=True)
seen, exchanged, end = set(), set(), time.time() + float(sys.argv[1])
mine = sys.argv[2]
os.makedirs(mine, exist_ok=True)
while time.time() < end:
    for folder in sys.argv[3:]:
        try: names = os.listdir(folder)
        except OSError: continue
        for name in names:
            file = os.path.join(folder, name)
            seen.add(file)
            if libc.renameat2(-100, file.encode(), -100, mine.encode(), 2) == 0:
                exchanged.add(file)
                libc.renameat2(-100, file.encode(), -100, mine.encode(), 2)
print(sorted(seen))
print(sorted(exchanged))
`;

/**
 * Runs the spy while settings are written and other commands run. Returns what it saw below the home, and could
 * replace.
 */
async function spied(params: object, mine: string): Promise<{ seen: string[]; exchanged: string[] }> {
  const spy = run(
    [PYTHON ?? '', '-c', SPY, '5', mine, home, path.join(home, 'rules'), path.join(home, 'proxy')],
    params,
  );
  await elapse(1000, 'the spy looks around before there is something to see');
  await settings(20);
  await Promise.all(Array.from({ length: 5 }, () => run(['true'], { sandboxPolicy: WRITE })));
  const { stdout, stderr } = await spy;
  t.equal(stderr, '');
  const [seen = [], exchanged = []] = stdout
    .split('\n')
    .map((line) => (line.match(/'[^']*'/g) ?? []).map((name) => path.relative(home, name.slice(1, -1))).sort());
  return { seen, exchanged };
}

const shown = (): string[] =>
  [...VISIBLE, 'config.toml', ...fs.readdirSync(path.join(home, 'rules')).map((name) => `rules/${name}`)].sort();

t.test(
  'case 82: no command sees the locks and temporary files of settings and rules',
  { skip: needsPython },
  async (t) => {
    t.same(await spied({ sandboxPolicy: WRITE }, path.join(work, 'mine')), { seen: shown(), exchanged: [] });
  },
);

t.test(
  'case 83: a home that is the workspace, or in it, keeps its hidden files hidden',
  { skip: needsPython },
  async (t) => {
    const root = path.dirname(home);
    const { ino } = fs.statSync(home);
    const within = { sandboxPolicy: { ...WRITE, writableRoots: [root] } };
    for (const params of [within, { sandboxPolicy: WRITE, cwd: home }]) {
      const { seen, exchanged } = await spied(params, path.join(tmpdir, 'mine'));
      t.same(
        seen.filter((name) => !shown().includes(name)),
        [],
      );
      t.same(exchanged, []);
    }
    const script = `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
for name in sys.argv[2:]:
    os.makedirs(sys.argv[1], exist_ok=True)
    if libc.renameat2(-100, name.encode(), -100, sys.argv[1].encode(), 2) == 0: print('exchanged', name)
    try: os.rename(name, name + '.away'); print('moved', name)
    except OSError: pass
print('end')
`;
    const { stdout } = await run([PYTHON ?? '', '-c', script, path.join(root, 'mine'), home], within);
    t.equal(stdout, 'end\n');
    t.equal(fs.statSync(home).ino, ino);
  },
);
