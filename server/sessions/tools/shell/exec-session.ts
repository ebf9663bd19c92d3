/**
 * One command of the model, from its start to its end. Clients see it as an item and receive its output; the model can
 * read that output (docs/protocol/turns.md §4). The command may continue after the call, the turn and an interrupt.
 */
import type { ThreadItem } from '../../../../schema/protocol/threads/item.js';
import type { CommandEnd, CommandSpec, RunningCommand } from '../../../exec/start/command.js';
import { wireDenial } from '../../../exec/methods/denial-line.js';
import { countdown, pausedWhile } from '../../../exec/end/expiration.js';
import { streamedOutput } from '../../../exec/run/output.js';
import type { TurnThread, WorkTurn } from '../../live/turn-thread.js';
import type { ExecSession } from '../../runtime/exec-sessions.js';
import { createTranscript } from '../../shell/transcript.js';

export type CommandItem = Extract<ThreadItem, { type: 'commandExecution' }>;

export interface ExecSessionOptions {
  readonly thread: TurnThread;
  readonly turn: WorkTurn;
  /** In progress; clients have received its start. */
  readonly item: CommandItem;
  readonly id: number;
  readonly tty: boolean;
  /** ExecSession.script. */
  readonly script: string;
  readonly start: (sinks: Pick<CommandSpec, 'stdout' | 'stderr'>) => Promise<RunningCommand>;
  /** The command ended: the session may be removed after the model has received the end. */
  readonly onEnd: () => void;
}

/** In milliseconds: after the first output of a poll, wait this long for more. */
const BURST_MS = 150;

/** Rejects with the supervisor's error; then the caller must complete the item. */
export async function startExecSession(options: ExecSessionOptions): Promise<ExecSession> {
  const { thread, turn, item, id, tty, script, onEnd } = options;
  const transcript = createTranscript();
  const startedAt = performance.now();
  const outputWatchers = new Set<() => void>();
  const tell = (delta: string): void => {
    if (delta === '') return;
    thread.events.notify('item/commandExecution/outputDelta', {
      threadId: thread.id,
      turnId: turn.id,
      itemId: item.id,
      delta,
    });
    for (const watcher of outputWatchers) watcher();
  };
  // The command waits while nobody reads its output.
  const sink = streamedOutput(null, {
    send: (piece) => tell(transcript.push(piece)),
    drained: () => thread.events.drained(),
  });
  const running = await options.start({ stdout: sink, stderr: sink });
  let end: CommandEnd | null = null;
  const complete = (outcome: CommandEnd): void => {
    sink.finish();
    tell(transcript.end());
    end = outcome;
    try {
      turn.itemCompleted(completedItem(item, outcome, transcript.all(), performance.now() - startedAt));
    } finally {
      onEnd();
    }
  };
  const ended = running.ended.then(complete, (error: unknown) => {
    // The supervisor failed to report the end: the item is completed with the known facts.
    complete({ cause: 'terminate', exitCode: -1, denial: null, drainTimedOut: true });
    throw error;
  });
  ended.catch(() => {}); // callers of `wait` receive the error; without one, nobody has to handle it

  return {
    id,
    tty,
    itemId: item.id,
    script,
    turnId: turn.id,
    get end() {
      return end;
    },
    get elapsedMs() {
      return performance.now() - startedAt;
    },
    async wait(ms, signal, { untilOutput = false } = {}) {
      if (end !== null) return;
      await new Promise<void>((resolve, reject) => {
        const clock = countdown(ms, () => finish(resolve));
        const unwatch = pausedWhile(clock, [
          (watcher) => running.watchPrompts(watcher),
          (watcher) => thread.runtime.pauses.watch(watcher),
        ]);
        let burst: NodeJS.Timeout | undefined;
        const onOutput = (): void => {
          burst ??= setTimeout(() => finish(resolve), BURST_MS);
        };
        const onAbort = (): void => finish(() => reject(signal.reason));
        const finish = (then: () => void): void => {
          clock.stop();
          clearTimeout(burst);
          unwatch();
          outputWatchers.delete(onOutput);
          signal.removeEventListener('abort', onAbort);
          then();
        };
        if (untilOutput) outputWatchers.add(onOutput);
        if (signal.aborted) return onAbort();
        signal.addEventListener('abort', onAbort, { once: true });
        ended.then(
          () => finish(resolve),
          (error: Error) => finish(() => reject(error)),
        );
      });
    },
    take() {
      sink.finish(); // the model can read the output that still waits for a slow client
      return transcript.take();
    },
    write: (text) => running.write(Buffer.from(text)),
    terminate: () => running.terminate(),
  };
}

function completedItem(
  item: CommandItem,
  { exitCode, denial, cause }: CommandEnd,
  output: string | null,
  elapsedMs: number,
): CommandItem {
  const durationMs = Math.round(elapsedMs);
  if (denial !== null) {
    // A denial is the command's failure; it is reported after the command's output (docs/protocol/network.md §4).
    const between = output === null || output === '' ? '' : '\n';
    const aggregatedOutput = `${output ?? ''}${between}${denial.message}`;
    const networkDenial = wireDenial(denial);
    return { ...item, status: 'failed', exitCode: -1, aggregatedOutput, durationMs, networkDenial };
  }
  const killed = cause === 'terminate' || cause === 'ownerGone';
  return {
    ...item,
    status: exitCode === 0 && !killed ? 'completed' : 'failed',
    exitCode: killed ? -1 : exitCode,
    aggregatedOutput: output,
    durationMs,
  };
}
