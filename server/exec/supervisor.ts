/**
 * The only place that starts a user's command (docs/architecture.md, "Every command takes one road").
 *
 * Rule: a command is registered with the network-approval service before anything of it runs, runs in the sandbox that
 * its permissions need or not at all, and when it ends, whatever ended it, its whole process tree ends with it. What
 * the managed requirements do not allow is refused here, whoever starts it.
 * Exactly one thing is its end: the first of exit, timeout, terminate, owner gone and denial to be recorded. An exit is
 * recorded only when it is reported, so a denial that comes before that is the end.
 */
import { errorFields } from '../errors/describe.js';
import { libraryWords } from '../system/node/os-errors.js';
import { constants } from 'node:os';
import type { PermissionEnforcer } from '../config/settings/command-settings.js';
import type { Logger } from '../log/log.js';
import { claimDescriptors, countHolders, makeRoom } from '../system/programs/descriptors.js';
import type { NetworkApproval, Registration } from '../network-approval/registration/registration.js';
import type { NetworkDenial } from '../network-approval/registration/denial.js';
import type { Sandbox } from '../sandbox/policy/sandbox.js';
import type { ExitStatus } from './process/child.js';
import type { CommandEnd, CommandSpec, EndCause, RunningCommand } from './start/command.js';
import { readOutput } from './run/drain.js';
import { countdown } from './end/expiration.js';
import { registerInTime } from './start/lane-wait.js';
import { ownerFields } from '../network-approval/registration/owner-fields.js';
import { launch, type Launched } from './start/launch.js';
import { createOrphanGuard } from './end/orphan-guard.js';
import { enforcedPermissions, needsSandbox } from './start/permissions.js';
import { createPipePool, type PipePool } from './process/pipe-pool.js';
import { createProcessTree, MARK_VARIABLE, newMarkPrefix, type ProcessTree } from './end/process-tree.js';
import { folderError, programError } from './process/program-lookup.js';
import { assertNoNul, SpawnError, toSpawnError } from './process/spawn-errors.js';
import { noteWritable } from './start/writable-places.js';

export interface SupervisorOptions {
  readonly sandbox: Sandbox;
  readonly approvals: NetworkApproval;
  /** Asked about the permissions of every command. */
  readonly requirements: PermissionEnforcer;
  readonly log: Logger;
  /** For tests: other pipes. */
  readonly pipes?: PipePool;
}

export interface Supervisor {
  /**
   * Starts a command. Throws SpawnError when it cannot be started, `sandbox.refused` when it cannot be held to its
   * permissions, ConfigError when the requirements do not allow them, and what NetworkApproval.register throws; nothing
   * of it has run then.
   *
   * A sandboxed command whose program cannot be run does start, and ends at once with 127 or 126 and one line on stderr
   * (docs/protocol/exec.md §1.2), as if a shell had looked for it.
   */
  start(spec: CommandSpec): Promise<RunningCommand>;
  /** Gets ready what the first command would have to wait for. */
  warm(): void;
  /** Since the daemon started; a command whose program could not be run counts nowhere. */
  counts(): CommandCounts;
  /** Ends every command. Resolves when they are gone. */
  close(): Promise<void>;
}

export interface CommandCounts {
  readonly started: number;
  readonly running: number;
  readonly ended: Readonly<Record<EndCause, number>>;
}

export function createSupervisor({ sandbox, approvals, requirements, log, ...parts }: SupervisorOptions): Supervisor {
  const pipes = parts.pipes ?? createPipePool((message) => log.warn(message));
  const markPrefix = newMarkPrefix();
  const guard = createOrphanGuard(markPrefix, (message) => log.error(message));
  const running = new Set<Supervised>();
  const starting = new Set<Promise<unknown>>();
  const uncount = countHolders('commands', () => running.size);
  let closed = false;
  let commands = 0;
  let started = 0;
  const ended = { exit: 0, timeout: 0, terminate: 0, ownerGone: 0, denial: 0 };

  const launchRegistered = async (
    spec: CommandSpec,
    registration: Registration,
    tree: ProcessTree,
  ): Promise<RunningCommand> => {
    let unwatch = (): void => {};
    let settle = (): void => {};
    try {
      // Behind the wait for a lane: who waits needs none.
      settle = claimForStart();
      guard.ready();
      const launched = await launch(spec, {
        sandbox,
        pipes,
        registration,
        mark: tree.mark,
        onStart: ({ pid, exited }) => {
          tree.started(pid, exited);
          unwatch = guard.watch(needsSandbox(spec.permissions) ? null : pid);
        },
      });
      const supervised = supervise(spec, registration, launched, tree);
      running.add(supervised);
      started++;
      const startedAt = performance.now();
      const id = registration.id;
      // Of its words the first alone: the others may hold what is secret.
      log.info('command started', { command: id, ...ownerFields(spec.owner), program: spec.argv[0] });
      if (closed) supervised.abandon();
      const forget = (): void => {
        unwatch();
        running.delete(supervised);
      };
      supervised.command.ended.then(({ cause, exitCode }) => {
        ended[cause]++;
        forget();
        const ms = Math.round(performance.now() - startedAt);
        log.info('command ended', { command: id, ...ownerFields(spec.owner), cause, exit: exitCode, ms });
      }, forget);
      return supervised.command;
    } catch (error) {
      registration.finish({ treeGone: await tree.abandon(TREE_PATIENCE_MS) });
      unwatch();
      throw error;
    } finally {
      settle();
    }
  };

  const startRegistered = async (spec: CommandSpec): Promise<RunningCommand> => {
    const { network, onNetworkDenial } = spec.permissions;
    await makeRoom();
    const registered = await registerInTime(spec, (giveUp) =>
      approvals.register({
        owner: spec.owner,
        argv: spec.argv,
        cwd: spec.cwd,
        policy: network.kind === 'proxied' ? network.policy : null,
        onDenial: onNetworkDenial,
        prompter: spec.prompter ?? null,
        giveUp,
      }),
    );
    if (registered === 'timeout') return outOfTime(spec);
    const { registration, timeoutMs } = registered;
    if (closed || spec.gone.aborted) {
      registration.finish({ treeGone: true });
      throw new SpawnError('nobody waits for it any more');
    }
    const tree = createProcessTree({
      mark: `${markPrefix}.${++commands}.`,
      outerMark: process.env[MARK_VARIABLE],
      networkNamespace: registration.lane?.networkNamespace ?? null,
      sandboxed: needsSandbox(spec.permissions),
    });
    const launching = launchRegistered({ ...spec, timeoutMs }, registration, tree);
    starting.add(launching);
    return launching.finally(() => starting.delete(launching));
  };

  return {
    start: async (asked) => {
      const spec = { ...asked, permissions: enforcedPermissions(asked.permissions, requirements) };
      assertNoNul(spec.argv, spec.cwd, spec.env);
      noteWritable(spec.permissions, spec.env.TMPDIR);
      const problem = foreseeable(spec);
      const about = { ...ownerFields(spec.owner), program: spec.argv[0] };
      if (problem) {
        log.info('command not started', { ...about, ...errorFields(problem) });
        return notRunnable(spec, problem);
      }
      return startRegistered(spec).catch((error: unknown) => {
        log.info('command not started', { ...about, ...errorFields(error) });
        throw error;
      });
    },
    warm: () => pipes.warm(),
    counts: () => ({ started, running: running.size, ended: { ...ended } }),
    close: async () => {
      closed = true;
      uncount();
      for (const { abandon } of running) abandon();
      // What is in the middle of its start is abandoned as soon as it has begun.
      await Promise.allSettled(starting);
      await Promise.allSettled([...running].map(({ command }) => command.ended));
      pipes.close();
      guard.close();
    },
  };
}

/** Both ends of three pipes, what bubblewrap reads, and what Node opens for the moment of the start. */
const START_DESCRIPTORS = 12;

/** Throws SpawnError when too few descriptors are left to start a command and to end everything afterwards. */
function claimForStart(): () => void {
  try {
    return claimDescriptors('a command', START_DESCRIPTORS);
  } catch (error) {
    throw toSpawnError(error);
  }
}

/**
 * What can be known to be wrong without trying. Thrown where the protocol has an error for it; returned where it has a
 * result: in a sandbox, where the reference finds out only inside (docs/protocol/exec.md §1.2).
 */
function foreseeable(spec: CommandSpec): SpawnError | null {
  const cwdProblem = folderError(spec.cwd);
  if (cwdProblem) throw cwdProblem;
  const [program = ''] = spec.argv;
  const sandboxed = needsSandbox(spec.permissions);
  const terminal = spec.io.kind === 'terminal';
  if (!sandboxed && program === '') throw new SpawnError(`missing program for ${terminal ? 'PTY' : 'pipe'} spawn`);
  // Elsewhere execve(2) says it itself.
  const problem = sandboxed || terminal ? programError(program, spec.cwd, spec.env.PATH) : null;
  if (problem && !sandboxed) throw problem;
  return problem;
}

/** A command that needed no process to fail. Exit codes of POSIX shells: 127 not found, 126 found and not runnable. */
function notRunnable(spec: CommandSpec, { errno }: SpawnError): RunningCommand {
  const exitCode = errno === 'ENOENT' || errno === 'ENOTDIR' ? 127 : 126;
  return overAtOnce(spec, `cannot run ${spec.argv[0] || '""'}: ${libraryWords(errno ?? '')}`, {
    cause: 'exit',
    exitCode,
  });
}

/** A command whose time was over before it could begin. */
function outOfTime(spec: CommandSpec): RunningCommand {
  const line = 'no network lane became free in time: other commands hold those that this command may have';
  return overAtOnce(spec, line, { cause: 'timeout', exitCode: TIMED_OUT });
}

function overAtOnce(
  spec: CommandSpec,
  line: string,
  { cause, exitCode }: Pick<CommandEnd, 'cause' | 'exitCode'>,
): RunningCommand {
  // Nothing follows this line, so nobody has to wait until the client has taken it.
  if (spec.io.kind === 'terminal') void spec.stdout.push(Buffer.from(`codexd: ${line}\r\n`));
  else void spec.stderr.push(Buffer.from(`codexd: ${line}\n`));
  return {
    exited: true,
    write: async () => {},
    closeStdin: () => {},
    resize: () => {},
    whileAsked: () => () => {},
    terminate: () => {},
    ended: Promise.resolve({ cause, exitCode, denial: null, drainTimedOut: false }),
  };
}

interface Supervised {
  readonly command: RunningCommand;
  /** Ends it because nobody wants it any more. */
  abandon(): void;
}

function supervise(spec: CommandSpec, registration: Registration, launched: Launched, tree: ProcessTree): Supervised {
  const { child } = launched;
  const reader = readOutput(child, spec.stdout, spec.stderr);
  // The one field that says what ended the command. Only `end` and the report of an exit write it, and only once.
  let cause: EndCause | null = null;
  let exited = false;
  const end = (by: Exclude<EndCause, 'exit'>): void => {
    if (cause !== null) return;
    cause = by;
    tree.kill();
    if (by === 'ownerGone') reader.stop();
  };

  const clock = countdown(spec.timeoutMs, () => end('timeout'));
  // While a person decides, it is not the command that takes its time.
  const stopWatchingPrompts = registration.whileAsked((asked) => (asked ? clock.pause() : clock.resume()));
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
      drainTimedOut = await reader.drain(() => tree.kill());
      // After a natural end the kernel ends the sandbox, and nothing in there runs any more once it has been killed.
      // What was ended is seen to be gone, and so is what could come from outside of a sandbox or be met in the next
      // lane.
      const endsByItself = cause === null && needsSandbox(spec.permissions) && registration.lane === null;
      treeGone = await tree.killAndWait(endsByItself ? 0 : TREE_PATIENCE_MS);
    } finally {
      clock.stop();
      stopWatchingPrompts();
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
      denial: cause === 'denial' ? (denial ?? (registration.signal.reason as NetworkDenial)) : null,
      drainTimedOut,
    };
  };

  const command: RunningCommand = {
    get exited() {
      return exited;
    },
    write: async (data) => child.stdin?.write(data),
    closeStdin: () => child.stdin?.end(),
    resize: (size) => child.resize?.(size),
    whileAsked: (watcher) => registration.whileAsked(watcher),
    terminate: () => {
      if (!exited) end('terminate');
    },
    ended: untilEnded(),
  };
  return { command, abandon: () => end('ownerGone') };
}

/** How long killed processes may take to be gone before we stop looking: they do nothing more, but may hold a lane. */
const TREE_PATIENCE_MS = 2000;

function whenAborted(signal: AbortSignal, act: () => void): () => void {
  if (signal.aborted) act();
  signal.addEventListener('abort', act, { once: true });
  return () => signal.removeEventListener('abort', act);
}

/** docs/protocol/exec.md §2. */
const TIMED_OUT = 124;
const KILLED = 128 + constants.signals.SIGKILL;

function exitCodeOf(cause: EndCause, { code, signal }: ExitStatus, terminal: boolean): number {
  if (cause === 'timeout') return TIMED_OUT;
  // What the reference answers for a terminal that the client ended; death by a signal otherwise is 128+n there too.
  if (cause === 'terminate' && signal === 'SIGKILL') return terminal ? 1 : KILLED;
  return code ?? 128 + (signal ? constants.signals[signal] : 0);
}
