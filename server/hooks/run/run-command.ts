/**
 * Runs the program of one hook: a line for the shell, with its input on standard input.
 *
 * Threat: a hook that never ends, that prints without end, or that leaves processes behind. Rule: the supervisor starts
 * and ends it, like every command; its output is kept up to a limit. Non-scope: what the hook does. It runs without a
 * sandbox, in the daemon's environment, because its user or administrator configured it and trusts it.
 */
import { messageOf } from '../../errors/message-of.js';
import { UNRESTRICTED } from '../../exec/start/permissions.js';
import type { OutputSink } from '../../exec/run/output.js';
import type { Supervisor } from '../../exec/supervisor.js';
import type { HookEnd } from './hook-answer.js';
import { LONGEST_TIMER_MS } from '../../system/node/timers.js';

export interface HookCommandLine {
  readonly command: string;
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** JSON. */
  readonly input: string;
  /** In seconds. */
  readonly timeoutSec: number;
  readonly threadId: string;
  readonly turnId: string | null;
  /** Its abort ends the program with all its children. */
  readonly gone: AbortSignal;
}

/** The official program takes no other shell, and neither a login shell nor an interactive one. */
const SHELL = ['/bin/bash', '-c'] as const;

/** Of stdout and of stderr, in bytes. More is read and dropped. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** Never rejects. */
export async function runHookCommand(supervisor: () => Promise<Supervisor>, line: HookCommandLine): Promise<HookEnd> {
  const { timeoutSec } = line;
  // A signal of its own: hundreds of hooks may listen to the same one.
  const gone = AbortSignal.any([line.gone]);
  const [stdout, stderr] = [bounded(), bounded()];
  const timeoutMs = Math.min(timeoutSec * 1000, LONGEST_TIMER_MS);
  try {
    gone.throwIfAborted();
    const running = await (
      await supervisor()
    ).start({
      argv: [...SHELL, line.command],
      cwd: line.cwd,
      env: line.env,
      permissions: UNRESTRICTED,
      io: { kind: 'pipes', stdin: true },
      timeoutMs,
      // A child that holds the output belongs to the answer, as in the official program.
      drainMs: timeoutMs,
      owner: { kind: 'thread', threadId: line.threadId, turnId: line.turnId, itemId: null },
      prompter: null,
      gone,
      stdout: stdout.sink,
      stderr: stderr.sink,
    });
    // A hook need not read its input: then this settles with its end.
    void running.write(Buffer.from(line.input)).then(
      () => running.closeStdin(),
      () => undefined,
    );
    const { cause, exitCode, drainTimedOut } = await running.ended;
    if (gone.aborted || cause === 'ownerGone' || cause === 'terminate') return { kind: 'cancelled' };
    if (cause === 'timeout' || drainTimedOut) return { kind: 'timeout' };
    return { kind: 'exit', code: exitCode, stdout: stdout.text(), stderr: stderr.text() };
  } catch (error) {
    return gone.aborted ? { kind: 'cancelled' } : { kind: 'notRun', why: messageOf(error) };
  }
}

function bounded(): { readonly sink: OutputSink; readonly text: () => string } {
  const pieces: Buffer[] = [];
  let room = MAX_OUTPUT_BYTES;
  return {
    sink: {
      // The end of the stream counts, also when no more of it is kept: the hook is at work until then.
      full: false,
      push(piece) {
        const kept = piece.subarray(0, room);
        room -= kept.length;
        if (kept.length > 0) pieces.push(Buffer.from(kept));
        return undefined;
      },
    },
    text: () => Buffer.concat(pieces).toString('utf8'),
  };
}
