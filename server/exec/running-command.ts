/** Watches one started command until its end, and determines the cause of that end. */
import type { Registration } from '../network-approval/registration/registration.js';
import type { NetworkDenial } from '../network-approval/registration/denial.js';
import { exitCodeOf } from './start/exit-code.js';
import { countdown, pausedWhile } from './end/expiration.js';
import type { ProcessTree } from './end/process-tree.js';
import type { ExitStatus } from './process/program-call.js';
import type { CommandEnd, CommandSpec, EndCause, RunningCommand } from './start/command.js';
import type { Launched } from './start/launch.js';
import { needsSandbox } from './start/permissions.js';
import { readOutput } from './run/drain.js';

/** A command under supervision. */
export interface Supervised {
  readonly command: RunningCommand;
  /** Ends the command because its owner has gone. */
  abandon(): void;
}

/** Watches a launched command. Its end releases everything that the launch made. */
export function supervise(
  spec: CommandSpec,
  registration: Registration,
  launched: Launched,
  tree: ProcessTree,
): Supervised {
  const { child } = launched;
  const reader = readOutput(child, spec.stdout, spec.stderr);
  // The cause of the command's end. Only `end` and the report of an exit set it, and only once.
  let cause: EndCause | null = null;
  let exited = false;
  const end = (by: Exclude<EndCause, 'exit'>): void => {
    if (cause !== null) return;
    cause = by;
    tree.kill();
    if (by === 'ownerGone') reader.stop();
  };

  const clock = countdown(spec.timeoutMs, () => end('timeout'));
  // While a prompt waits for a person, the command's timeout is paused.
  const stopWatchingPauses = pausedWhile(clock, [
    (watcher) => registration.watchPrompts(watcher),
    ...(spec.watchPauses ? [spec.watchPauses] : []),
  ]);
  const stopWatchingDenial = whenAborted(registration.signal, () => end('denial'));
  const stopWatchingOwner = whenAborted(spec.gone, () => end('ownerGone'));

  const untilEnded = async (): Promise<CommandEnd> => {
    let treeGone = false;
    let denial: NetworkDenial | null = null;
    let drainTimedOut = false;
    let status: ExitStatus;
    try {
      status = await child.exited;
      exited = true;
      clock.stop();
      drainTimedOut = await reader.drain(() => tree.kill(), spec.drainMs);
      // After a natural end, the kernel ends the sandbox; once killed, nothing in it runs. The wait is needed in the
      // other cases: for a command that was ended, for processes outside of a sandbox, and for processes that could
      // reach the next user of the lane.
      const endsByItself = cause === null && needsSandbox(spec.permissions) && registration.lane === null;
      treeGone = await tree.killAndWait(endsByItself ? 0 : TREE_PATIENCE_MS);
    } finally {
      clock.stop();
      stopWatchingPauses();
      stopWatchingDenial();
      stopWatchingOwner();
      child.stdin?.destroy();
      launched.release();
      denial = registration.finish({ treeGone });
    }
    cause ??= denial ? 'denial' : 'exit';
    return {
      cause,
      exitCode: exitCodeOf(cause, status, spec.io.kind === 'terminal'),
      denial: cause === 'denial' ? denial : null,
      drainTimedOut,
    };
  };

  const command: RunningCommand = {
    get exited() {
      return exited;
    },
    onLane: registration.lane !== null,
    write: async (data) => child.stdin?.write(data),
    closeStdin: () => child.stdin?.end(),
    resize: (size) => child.resize?.(size),
    watchPrompts: (watcher) => registration.watchPrompts(watcher),
    terminate: () => {
      if (!exited) end('terminate');
    },
    ended: untilEnded(),
  };
  return { command, abandon: () => end('ownerGone') };
}

/**
 * How long killed processes may take to disappear before the search stops. They do nothing more, but may hold a lane.
 */
export const TREE_PATIENCE_MS = 2000;

function whenAborted(signal: AbortSignal, act: () => void): () => void {
  if (signal.aborted) act();
  signal.addEventListener('abort', act, { once: true });
  return () => signal.removeEventListener('abort', act);
}
