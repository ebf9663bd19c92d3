/**
 * A command line of the user, run in a thread (thread/shellCommand; docs/protocol/exec.md §10). It runs without a
 * sandbox, as in the user's own terminal, and the model receives its result.
 *
 * Rule: the supervisor starts it like every command. It ends with its turn: an interrupt, or unloading the thread,
 * kills its whole process tree.
 */
import { errorOf, messageOf } from '../../errors/message-of.js';
import { describe } from '../../errors/describe.js';
import { randomUUID } from 'node:crypto';
import { userShellArgv } from '../../system/programs/user-shell.js';
import type { ThreadItem } from '../../../schema/protocol/threads/item.js';
import type { CommandEnd } from '../../exec/start/command.js';
import { changed, commandEnvironment } from '../../exec/start/command-environment.js';
import { TURN_DRAIN_MS } from '../../exec/run/drain.js';
import { streamedOutput } from '../../exec/run/output.js';
import { UNRESTRICTED } from '../../exec/start/permissions.js';
import type { Supervisor } from '../../exec/supervisor.js';
import type { Logger } from '../../log/log.js';
import { PROTOCOL_VERSION } from '../../package/package-version.js';
import { joinWords } from '../shell/shell-words.js';
import { DEFAULT_BUDGET, shorten } from '../shell/model-output.js';
import { createTranscript, type Transcript } from '../shell/transcript.js';
import type { LiveThread, LiveTurn } from './live-thread.js';
import { userRecord } from './turn-records.js';

export interface UserShellOptions {
  readonly supervisor: () => Promise<Supervisor>;
  /** The daemon's environment, which the thread's shell environment policy filters. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly log: Logger;
}

export interface UserShell {
  /**
   * Runs a command in the running turn, or in a turn of its own. Resolves after all notifications. Never rejects: a
   * failure is the item's outcome. `timeoutMs`: null is an hour.
   */
  run(thread: LiveThread, command: string, timeoutMs: number | null): Promise<void>;
}

/** docs/protocol/exec.md §10. */
const DEFAULT_TIMEOUT_MS = 60 * 60_000;

export function createUserShell(options: UserShellOptions): UserShell {
  return {
    async run(thread, command, timeoutMs) {
      // No work can join a turn whose end is being written.
      while (thread.turn?.ending) await thread.turn.ended;
      let own: LiveTurn | null = null;
      try {
        const turn = thread.turn ?? (own = thread.beginTurn());
        const release = turn.hold();
        try {
          await runInTurn(options, thread, turn, command, timeoutMs ?? DEFAULT_TIMEOUT_MS);
        } finally {
          release();
        }
        await own?.end({ status: turn.signal.aborted ? 'interrupted' : 'completed' });
      } catch (error) {
        options.log.error(...describe(`thread/shellCommand in thread ${thread.id} cannot be told of`, error));
        const message = messageOf(error);
        const reason = { message, codexErrorInfo: 'other', additionalDetails: null, misalignment: null } as const;
        await own?.end({ status: 'failed', error: reason });
      }
    },
  };
}

async function runInTurn(
  options: UserShellOptions,
  thread: LiveThread,
  turn: LiveTurn,
  command: string,
  timeoutMs: number,
): Promise<void> {
  const argv = userShellArgv(command, options.env, thread.state.table.allow_login_shell !== false);
  const item = startedItem(thread, argv, command);
  const stdout = createTranscript();
  const stderr = createTranscript();
  const streams = [stdout, stderr].map((transcript) => streamTo(thread, turn, item.id, transcript));
  const [out, err] = streams as [Stream, Stream];
  const startedAt = performance.now();
  turn.itemStarted(item);
  let end: CommandEnd | Error;
  try {
    const supervisor = await options.supervisor();
    const running = await supervisor.start({
      argv,
      cwd: thread.state.wire.cwd,
      env: environment(thread, options.env),
      permissions: UNRESTRICTED,
      io: { kind: 'pipes', stdin: false },
      timeoutMs,
      watchPauses: (watcher) => thread.runtime.pauses.watch(watcher),
      drainMs: TURN_DRAIN_MS,
      owner: { kind: 'thread', threadId: thread.id, turnId: turn.id, itemId: item.id },
      gone: turn.signal,
      stdout: out.sink,
      stderr: err.sink,
    });
    end = await running.ended;
  } catch (error) {
    end = errorOf(error);
  }
  streams.forEach(({ finish }) => finish());
  const durationMs = Math.round(performance.now() - startedAt);
  const outcome = outcomeOf(end, [stdout, stderr], turn.signal.aborted);
  const done: CommandItem = {
    ...item,
    status: outcome.exitCode === 0 ? 'completed' : 'failed',
    exitCode: outcome.exitCode,
    aggregatedOutput: outcome.output === '' ? null : outcome.output,
    durationMs,
  };
  turn.itemCompleted(done, [userRecord(turn.id, modelText(command, outcome, durationMs), 'shell.user_command')]);
}

type CommandItem = Extract<ThreadItem, { type: 'commandExecution' }>;

function startedItem(thread: LiveThread, argv: readonly string[], command: string): CommandItem {
  return {
    type: 'commandExecution',
    id: randomUUID(),
    pluginId: null,
    scriptPath: null,
    command: joinWords(argv),
    cwd: thread.state.wire.cwd,
    processId: null,
    source: 'userShell',
    status: 'inProgress',
    commandActions: [{ type: 'unknown', command }],
    aggregatedOutput: null,
    exitCode: null,
    durationMs: null,
  };
}

interface Stream {
  readonly sink: ReturnType<typeof streamedOutput>;
  finish(): void;
}

/** Sends output to the subscribers as it arrives; the command waits if they do not read. */
function streamTo(thread: LiveThread, turn: LiveTurn, itemId: string, transcript: Transcript): Stream {
  const tell = (delta: string): void => {
    if (delta === '') return;
    thread.events.notify('item/commandExecution/outputDelta', { threadId: thread.id, turnId: turn.id, itemId, delta });
  };
  const sink = streamedOutput(null, {
    send: (piece) => tell(transcript.push(piece)),
    drained: () => thread.events.drained(),
  });
  return {
    sink,
    finish() {
      sink.finish();
      tell(transcript.end());
    },
  };
}

interface Outcome {
  readonly exitCode: number;
  /** Standard output, then standard error (docs/protocol/exec.md §10), then a note of codexd if there is one. */
  readonly output: string;
}

/** The reference's text for an interrupted command (docs/protocol/exec.md §10). */
const ABORTED = 'command aborted by user';

function outcomeOf(end: CommandEnd | Error, streams: readonly Transcript[], aborted: boolean): Outcome {
  const whole = createTranscript();
  for (const stream of streams) whole.push(Buffer.from(stream.all() ?? ''));
  const output = whole.all() ?? '';
  if (aborted) return { exitCode: -1, output: withNote(output, ABORTED) };
  if (end instanceof Error) return { exitCode: -1, output: withNote(output, end.message) };
  return { exitCode: end.exitCode, output };
}

const withNote = (output: string, word: string): string =>
  output === '' || output.endsWith('\n') ? output + word : `${output}\n${word}`;

function modelText(command: string, { exitCode, output }: Outcome, durationMs: number): string {
  return [
    '<user_shell_command>',
    '<command>',
    command,
    '</command>',
    '<result>',
    `Exit code: ${exitCode}`,
    `Duration: ${(durationMs / 1000).toFixed(4)} seconds`,
    'Output:',
    shorten(output, Buffer.byteLength(output), DEFAULT_BUDGET),
    '</result>',
    '</user_shell_command>',
  ].join('\n');
}

function environment(thread: LiveThread, base: Readonly<NodeJS.ProcessEnv>): Record<string, string> {
  const env = commandEnvironment(thread.state.settings, base, {}, false);
  return changed(env, {
    CODEX_THREAD_ID: thread.id,
    CODEX_SESSION_ID: thread.id,
    CODEX_VERSION: PROTOCOL_VERSION,
  });
}
