/** With what a command of the model starts, and what ends it while it waits for its start. */
import t, { type Test } from 'tap';
import type { CommandEnd, CommandSpec, RunningCommand } from '../../../../server/exec/start/command.js';
import { SpawnError } from '../../../../server/exec/process/spawn-errors.js';
import type { ToolContext } from '../../../../server/sessions/tool-types/tool.js';
import type { CommandItem } from '../../../../server/sessions/tools/shell/exec-session.js';
import {
  marks,
  startCommand,
  whyNotStarted,
  type CommandToStart,
} from '../../../../server/sessions/tools/shell/start-command.js';
import { work } from '../../turn/in-process.js';

const item: CommandItem = {
  type: 'commandExecution',
  id: 'c1',
  pluginId: null,
  scriptPath: null,
  command: 'bash -c ls',
  cwd: '/',
  processId: '7',
  source: 'unifiedExecStartup',
  status: 'inProgress',
  commandActions: [],
  aggregatedOutput: null,
  exitCode: null,
  durationMs: null,
};
const command: CommandToStart = {
  item,
  argv: ['/bin/bash', '-c', 'ls'],
  cwd: '/',
  tty: false,
  id: 7,
  unsandboxed: false,
  replacement: null,
};
const EXIT: CommandEnd = { cause: 'exit', exitCode: 0, denial: null, drainTimedOut: false };

/** A thread whose supervisor only notes what it shall start. `start` replaces it. */
async function scene(t: Test, start?: (spec: CommandSpec) => Promise<RunningCommand>) {
  const { thread, turn } = await work(t);
  const specs: CommandSpec[] = [];
  let end = (_: CommandEnd): void => undefined;
  const running: RunningCommand = {
    exited: false,
    onLane: false,
    write: async () => {},
    closeStdin: () => {},
    resize: () => {},
    watchPrompts: () => () => {},
    terminate: () => end({ ...EXIT, cause: 'terminate' }),
    ended: new Promise((resolve) => (end = resolve)),
  };
  const supervisor = {
    start: async (spec: CommandSpec) => {
      specs.push(spec);
      return start ? start(spec) : running;
    },
    warm: () => {},
    counts: () => ({ started: 0, running: 0 }) as never,
    close: async () => {},
  };
  const options = { supervisor: async () => supervisor, prompter: () => null, env: { PATH: '/bin', HOME: '/home/a' } };
  /** The part of a context that a start reads. */
  const context = { thread, turn, state: thread.state } as unknown as ToolContext;
  const run = (more: Partial<CommandToStart> = {}) => {
    if (!turn.hasItem(item.id)) turn.itemStarted(item, { outlives: true });
    return startCommand(options, { ...command, ...more }, context);
  };
  return { thread, turn, specs, run, end: (how: CommandEnd) => end(how) };
}

t.test('the environment names the thread and the call, and comes with a session in the list', async (t) => {
  const { thread, turn, specs, run, end } = await scene(t);
  const session = await run();
  t.match(specs, [
    {
      cwd: '/',
      env: { CODEX_THREAD_ID: thread.id, CODEX_TOOL_CALL_ID: 'c1', HOME: '/home/a', PAGER: 'cat' },
      io: { kind: 'pipes', stdin: false },
      timeoutMs: null,
      owner: { kind: 'thread', threadId: thread.id, turnId: turn.id, itemId: 'c1' },
    },
  ]);
  t.match(thread.terminals.list(), [{ itemId: 'c1', processId: '7', command: 'ls' }]);
  end(EXIT);
  await session.wait(60_000, new AbortController().signal);
  t.strictSame(thread.terminals.list(), []);
  t.strictSame(Object.keys(marks(thread, 'c1')), Object.keys(marks({ id: 'other' }, 'c2')), 'the same for all');
});

t.test('a terminal, a command that replaces the shell, and the end through the list', async (t) => {
  const { thread, specs, run } = await scene(t);
  const replacement = { argv: ['/usr/bin/ls'], cwd: '/real', env: { PATH: '/usr/bin' } };
  const session = await run({ tty: true, replacement, unsandboxed: true });
  t.match(specs, [{ ...replacement, io: { kind: 'terminal', size: { rows: 24, cols: 80 } } }]);
  t.equal(thread.terminals.terminate('7'), true);
  await session.wait(60_000, new AbortController().signal);
  t.match(session.end, { cause: 'terminate' });
});

t.test('no command starts after an interrupt, and one that waits for its lane ends with it', async (t) => {
  const waiting = (spec: CommandSpec): Promise<RunningCommand> =>
    new Promise((_, reject) => {
      const gone = (): void => reject(new Error('the owner has gone'));
      if (spec.gone.aborted) gone();
      else spec.gone.addEventListener('abort', gone);
    });
  const { thread, turn, specs, run } = await scene(t, (spec) => {
    setImmediate(() => void thread.interrupt());
    return waiting(spec);
  });
  await t.rejects(run(), { message: 'the owner has gone' });
  t.strictSame(thread.terminals.list(), []);
  t.equal(turn.signal.aborted, true);
  await t.rejects(run(), { message: 'the owner has gone' });
  t.equal(specs[1]?.gone.aborted, true, 'before it began');
  await turn.end({ status: 'interrupted' });
});

t.test('why a command did not start', async (t) => {
  const { thread, run } = await scene(t, () => Promise.reject(new SpawnError('No such file or directory', 'ENOENT')));
  const error: unknown = await run().catch((thrown: unknown) => thrown);
  t.equal(whyNotStarted(error), 'Failed to create unified exec process: No such file or directory');
  t.equal(whyNotStarted(new Error('the sandbox refuses')), 'the sandbox refuses');
  t.strictSame(thread.terminals.list(), []);
});
