/** Moves a command's output into its sinks, with back-pressure, and limits the reading after the command's end. */
import type { Child, ChildOutput } from '../process/child.js';
import type { OutputSink } from './output.js';

export interface OutputReader {
  /**
   * Call it after the exit. Resolves when all output is read. If another process holds a pipe open for `drainMs`, it
   * calls `releaseHolders`, reads the rest and resolves with true.
   */
  drain(releaseHolders: () => void, drainMs?: number): Promise<boolean>;
  /** Stops reading. */
  stop(): void;
}

/** Of a client's own command (docs/protocol/exec.md §4.1). */
const DRAIN_MS = 2000;
/**
 * Of a command in a turn: a child that it left behind does not keep it open (docs/protocol/turns.md §4). The reference
 * waits for 50 ms; a busy machine needs longer for what was written before the exit.
 */
export const TURN_DRAIN_MS = 200;
/** Time for the end of file of processes that were just killed. */
const DRAIN_AFTER_KILL_MS = 500;
const TICK_MS = 50;

export function readOutput(child: Child, stdout: OutputSink, stderr: OutputSink): OutputReader {
  const pumps = [pump(child.stdout, stdout), ...(child.stderr ? [pump(child.stderr, stderr)] : [])];
  const done = Promise.all(pumps.map((one) => one.done));
  /** Whether all output is read within `ms`. Time in which a sink asks us to wait does not count. */
  const within = async (ms: number): Promise<boolean> => {
    let left = ms;
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<false>((resolve) => {
      timer = setInterval(() => {
        if (!pumps.some((one) => one.held())) left -= TICK_MS;
        if (left <= 0) resolve(false);
      }, TICK_MS);
    });
    const inTime = await Promise.race([done.then(() => true), over]);
    clearInterval(timer);
    return inTime;
  };
  const stop = (): void => {
    child.stdout.stop();
    child.stderr?.stop();
  };
  return {
    drain: async (releaseHolders, drainMs = DRAIN_MS) => {
      if (await within(drainMs)) return (stop(), false);
      releaseHolders();
      await within(DRAIN_AFTER_KILL_MS);
      return (stop(), true);
    },
    stop,
  };
}

interface Pump {
  /** The output has ended, or its sink accepts no more. */
  readonly done: Promise<void>;
  /** The sink has asked us to wait. */
  held(): boolean;
}

function pump(source: ChildOutput, sink: OutputSink): Pump {
  let held = false;
  const full = new Promise<void>((resolve) => {
    source.read((piece) => {
      sink.seen?.(piece);
      const wait = sink.full ? undefined : sink.push(piece);
      if (sink.full) resolve();
      if (!wait) return undefined;
      held = true;
      return wait.then(() => void (held = false));
    });
  });
  return { done: Promise.race([source.ended, full]), held: () => held };
}
