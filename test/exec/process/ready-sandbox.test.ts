import t from 'tap';
import { canBecomeReady, makeReady, type ReadySandbox } from '../../../server/exec/process/ready-sandbox.js';
import type { AdvanceSandbox } from '../../../server/sandbox/policy/sandbox.js';
import { until } from '../../fixtures/until.js';
import { advanceFiles, MARK, outputOf, pipesFor } from '../support/prepared.js';

const skip = process.platform === 'linux' ? false : 'only Linux has these';
const pipes = pipesFor(t);

/** A shell that waits in no sandbox. */
const around = (folder: string, changes: Partial<AdvanceSandbox> = {}): AdvanceSandbox => ({
  workingFolder: '/',
  isSame: () => true,
  around: (args) => ({ file: '/bin/sh', args }),
  open: () => advanceFiles(folder).open(),
  holds: () => true,
  ...changes,
});
async function make(sandbox: AdvanceSandbox): Promise<ReadySandbox> {
  const ready = await makeReady({ pipes, sandbox, mark: MARK, onEnd: () => {} });
  if (ready === null) throw new Error('this system has no pipes');
  return ready;
}

t.test('it waits, and becomes a command with exactly its variables, words and folder', { skip }, async (t) => {
  const before = Date.now();
  const ready = await make(around(t.testdir()));
  t.ok(ready.since >= before && ready.since <= Date.now());
  await until(() => ready.look() === 'waits', 'it waits');
  const env = { PATH: '/usr/bin:/bin', QUOTED: "it's $(id)\n`id`", EMPTY: '', _: 'x', PWD: 'another', OLDPWD: 'old' };
  const started: number[] = [];
  const child = ready.become({
    argv: ['env', '-0'],
    cwd: '/usr',
    env,
    stdin: false,
    onStart: ({ since }) => started.push(since ?? 0),
  });
  const inherited = { [MARK[0]]: MARK[1], LC_ALL: 'C' };
  const expected = Object.entries({ ...inherited, ...env, PWD: '/usr' }).map(([name, value]) => `${name}=${value}`);
  t.same((await outputOf(child)).split('\0').filter(Boolean).sort(), expected.sort());
  t.same(started, [ready.since], 'the command is as old as its first process');
});

t.test('its input is the command’s, after the line that starts it', { skip }, async (t) => {
  const ready = await make(around(t.testdir()));
  const call = { cwd: '/', env: { PATH: '/bin' }, stdin: true, onStart: () => {} };
  const child = ready.become({ ...call, argv: ['cat'] });
  await child?.stdin?.write(Buffer.from('one\ntwo'));
  child?.stdin?.end();
  t.equal((await outputOf(child)).replace(/^\n/, ''), 'one\ntwo');
});

t.test('a lost mount, other output, and an end make it useless', { skip }, async (t) => {
  let holds = true;
  const moved = await make(around(t.testdir(), { holds: () => holds }));
  await until(() => moved.look() === 'waits', 'it waits');
  holds = false;
  t.equal(moved.look(), 'lost');
  await moved.dispose();
  const talks = await make(
    around(t.testdir(), { around: () => ({ file: '/bin/sh', args: ['-c', 'echo x; read -r go'] }) }),
  );
  await until(() => talks.look() === 'lost', 'it has written something else');
  await talks.dispose();
  const ends = await make(around(t.testdir(), { around: () => ({ file: '/bin/true', args: [] }) }));
  await until(() => ends.look() === 'lost', 'it has ended');
});

t.test('what a shell would not start exactly is left to the ordinary start', (t) => {
  const fits = { argv: ['true'], cwd: '/', env: { A: 'b', _: 'c' } };
  t.ok(canBecomeReady(fits));
  for (const env of [{ 'A.B': 'x' }, { 'BASH_FUNC_x%%': '() { :; }' }, { OPTIND: 'x' }, { A: '\r' }, { '1': 'x' }])
    t.notOk(canBecomeReady({ ...fits, env }), JSON.stringify(env));
  for (const argv of [[], ['-x'], ['a\x01b'], ['x'.repeat(66_000)]]) t.notOk(canBecomeReady({ ...fits, argv }));
  t.end();
});
