/**
 * Commands and patches of the model in a real sandbox: sessions that outlive calls and turns, and refusals of the
 * kernel (docs/protocol/turns.md §4, §5).
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { event, say } from '../../fixtures/model-server.js';
import { calls, run, scene, type Scene } from './support.js';
import { until } from '../../fixtures/until.js';

const session = (s: Scene, id: string): number => Number(/session ID (\d+)/.exec(s.outputs()[id] ?? '')?.[1]);
const stdin = (id: string, input: object): object => event.call('write_stdin', input, id);
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
/** Processes whose command line contains the mark. */
const marked = (mark: string): string[] =>
  fs.readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark);
    } catch {
      return false;
    }
  });
const gone = (mark: string): Promise<void> => until(() => marked(mark).length === 0, 'the command is gone');

t.test('a session: yields, gets input, is polled, interrupted with Ctrl-C, and removed after its end', async (t) => {
  const s = await scene(t, {}, calls(run('cat; echo never', 'c1', { tty: true, yield_time_ms: 250 })), say('a'));
  await s.turn('start');
  const id = session(s, 'c1');
  s.model.push(
    calls(stdin('w1', { session_id: id, chars: 'hello\n' })),
    calls(stdin('w2', { session_id: id, chars: '\u0003' })),
    calls(stdin('w3', { session_id: id, chars: 'x' })),
    say('b'),
  );
  await s.turn('go on');
  t.match(s.outputs(), {
    w1: /hello/,
    w2: /Process exited with code/,
    w3: `write_stdin failed: Unknown process id ${id}`,
  });
  t.match(s.notes('item/commandExecution/terminalInteraction'), [
    { stdin: 'hello\n', processId: String(id) },
    { stdin: '\u0003' },
  ]);
  const [item] = s.items('commandExecution');
  t.match(item, { id: 'c1', source: 'unifiedExecStartup', status: 'failed' });
});

t.test(
  'a command continues after its turn and an interrupt; its item is completed later, in its own turn',
  async (t) => {
    const s = await scene(
      t,
      { start: { sandbox: 'workspace-write' } },
      calls(run('until [ -e go ]; do sleep 0.02; done; echo late', 'c1', { yield_time_ms: 250 })),
      say('a'),
    );
    const turn = await s.turn('one');
    s.model.push(calls(run('sleep 60.125', 'c2')));
    const second = await s.begin('two');
    await s.note('item/started', ({ item }) => item.id === 'c2');
    await s.daemon.call('turn/interrupt', { threadId: s.threadId, turnId: second.id });
    await s.ended(second.id);
    const { data } = await s.daemon.call('thread/backgroundTerminals/list', { threadId: s.threadId });
    t.strictSame(data.map(({ itemId }: { itemId: string }) => itemId).sort(), ['c1', 'c2']);
    fs.writeFileSync(path.join(s.work, 'go'), '');
    const done = await s.note('item/completed', ({ item }) => item.id === 'c1');
    t.match(done.params, { turnId: turn.id, item: { status: 'completed', exitCode: 0, aggregatedOutput: 'late\n' } });
    const [{ processId }] = (await s.daemon.call('thread/backgroundTerminals/list', { threadId: s.threadId })).data;
    const end = { threadId: s.threadId, processId };
    t.strictSame(await s.daemon.call('thread/backgroundTerminals/terminate', end), { terminated: true });
    const killed = await s.note('item/completed', ({ item }) => item.id === 'c2');
    t.match(killed.params, { turnId: second.id, item: { status: 'failed', exitCode: -1 } });
    t.strictSame(await s.daemon.call('thread/backgroundTerminals/terminate', end), { terminated: false });
    await gone('60.125');
  },
);

t.test('no command is left of a closed thread, nor of a daemon that has ended', async (t) => {
  const s = await scene(t, {}, calls(run('sleep 61.5 & sleep 61.25', 'c1', { yield_time_ms: 250 })), say('a'));
  await s.turn('one');
  t.ok(marked('61.25').length > 0);
  await s.daemon.call('thread/archive', { threadId: s.threadId });
  await gone('61.25');
  await gone('61.5');
  s.model.push(calls(run('setsid sleep 62.5 & sleep 62.25', 'c2', { yield_time_ms: 250 })), say('a'));
  const { thread } = await s.daemon.call('thread/start', {});
  const { turn } = await s.daemon.call('turn/start', { threadId: thread.id, input: [{ type: 'text', text: 'x' }] });
  await s.ended(turn.id);
  t.ok(marked('62.5').length > 0);
  await s.daemon.close();
  t.notOk(isAlive(s.daemon.pid));
  await gone('62.25');
  await gone('62.5');
});

t.test('the model’s output is cut to the limit of the call, the configuration, or the catalog', async (t) => {
  const cmd = 'head -c 40000 /dev/zero | tr "\\\\0" x';
  const rows: readonly (readonly [config: object, more: object, most: number, mark: RegExp | null])[] = [
    [{}, {}, 10_300, /…30000 chars truncated…/],
    [{}, { max_output_tokens: 100 }, 700, /…9900 tokens truncated…/],
    [{}, { max_output_tokens: 1e9 }, 10_300, /truncated…/],
    [{ tool_output_token_limit: 500 }, {}, 2300, /tokens truncated…/],
    [{ tool_output_token_limit: 20_000 }, {}, 40_300, null],
  ];
  const s = await scene(t);
  for (const [config, more, most, mark] of rows) {
    const { thread } = await s.daemon.call('thread/start', { config });
    s.model.push(calls(run(cmd, 'c', more)), say('end'));
    const { turn } = await s.daemon.call('turn/start', { threadId: thread.id, input: [{ type: 'text', text: 'x' }] });
    await s.ended(turn.id);
    const output = s.outputs().c!;
    const name = JSON.stringify([config, more]);
    t.ok(output.length <= most, `${name}: ${output.length}`);
    if (mark === null) t.notMatch(output, /truncated/, name);
    else t.match(output, mark, name);
    t.equal(s.items('commandExecution').at(-1).aggregatedOutput.length, 40_000, 'the person sees all of it');
  }
});

const patch = (body: string): string => `apply_patch <<'EOF'\n*** Begin Patch\n${body}\n*** End Patch\nEOF`;

t.test('a patch writes in the workspace and nowhere else, whatever leads out of it', async (t) => {
  const s = await scene(t, {
    start: {
      sandbox: 'workspace-write',
      config: {
        'sandbox_workspace_write.exclude_slash_tmp': true,
        'sandbox_workspace_write.exclude_tmpdir_env_var': true,
      },
    },
  });
  const outside = path.resolve(s.work, '..', 'outside');
  fs.mkdirSync(outside);
  fs.writeFileSync(path.join(outside, 'kept'), 'kept\n');
  fs.symlinkSync(outside, path.join(s.work, 'out'));
  fs.symlinkSync(path.join(outside, 'kept'), path.join(s.work, 'link'));
  fs.mkdirSync(path.join(s.work, '.git'));
  const rows: readonly (readonly [name: string, body: string, written: boolean])[] = [
    ['inside', '*** Add File: sub/new.txt\n+x', true],
    ['outside, by its path', `*** Add File: ${outside}/new\n+x`, false],
    ['outside, by dots', '*** Add File: ../outside/new\n+x', false],
    ['through a linked folder', '*** Add File: out/new\n+x', false],
    ['through a link to a file', '*** Update File: link\n@@\n-kept\n+changed', false],
    ['moved out', '*** Update File: sub/new.txt\n*** Move to: out/new\n@@\n-x\n+y', false],
    ['a folder of git', '*** Add File: .git/hooks/pre-commit\n+x', false],
    ['a folder of codex', '*** Add File: .codex/config.toml\n+x', false],
  ];
  s.model.push(...rows.map(([, body], n) => calls(run(patch(body), `p${n}`))), say('end'));
  await s.turn('go');
  for (const [n, [name, , written]] of rows.entries()) {
    if (written) t.match(s.outputs()[`p${n}`], /Success/, name);
    else t.notMatch(s.outputs()[`p${n}`], /Success/, name);
  }
  t.strictSame(fs.readdirSync(outside), ['kept']);
  t.equal(fs.readFileSync(path.join(outside, 'kept'), 'utf8'), 'kept\n');
  t.equal(fs.readFileSync(path.join(s.work, 'sub/new.txt'), 'utf8'), 'x\n');
  t.notOk(fs.existsSync(path.join(s.work, '.git/hooks')));
  t.notOk(fs.existsSync(path.join(s.work, '.codex/config.toml')));
});

t.test(
  'a patch outside of the workspace: approved, approved for the session, denied; the diff of the turn grows with it',
  async (t) => {
    const ask = 'item/fileChange/requestApproval';
    const s = await scene(t, { start: { sandbox: 'workspace-write', approvalPolicy: 'untrusted' } });
    const go = async (body: string, answer: object | null, end = 'completed'): Promise<number> => {
      const from = s.daemon.messages.length;
      s.model.push(calls(run(patch(body), `c${from}`)));
      if (end === 'completed') s.model.push(say('end'));
      const { id } = await s.begin('go');
      if (answer !== null) s.daemon.answer((await s.note(ask, () => true, from)).id!, answer as never);
      t.match(await s.ended(id), { status: end });
      return from;
    };
    let from = await go('*** Add File: a\n+1', { result: { decision: 'accept' } });
    t.match(s.items('fileChange').at(-1), {
      status: 'completed',
      changes: [{ path: path.join(s.work, 'a'), kind: { type: 'add' }, diff: '1\n' }],
    });
    t.match(s.notes('turn/diff/updated', from).at(-1).diff, /new file mode 100644[^]*\+1/);
    from = await go('*** Update File: a\n@@\n-1\n+2', { result: { decision: 'acceptForSession' } });
    await go('*** Update File: a\n@@\n-2\n+3', null);
    t.equal(fs.readFileSync(path.join(s.work, 'a'), 'utf8'), '3\n');
    await go('*** Add File: b\n+1', { result: { decision: 'decline' } });
    t.match(s.items('fileChange').at(-1), { status: 'declined' });
    await go('*** Add File: b\n+1', { error: { code: 1, message: 'x' } });
    await go('*** Add File: b\n+1', { result: { decision: 'cancel' } }, 'interrupted');
    t.match(s.items('fileChange').at(-1), { status: 'declined' }, 'also when the turn is ended with it');
    t.notOk(fs.existsSync(path.join(s.work, 'b')));
  },
);
