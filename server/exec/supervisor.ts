/**
 * The only place that starts a user's command (docs/architecture.md, "Every command takes one path").
 *
 * Rule: a command is registered with the network-approval service before any of its processes runs. It runs in the
 * sandbox that its permissions need, or not at all. When it ends, for any reason, its whole process tree ends with it.
 * This module refuses what the managed requirements do not allow, for every caller.
 *
 * A command has exactly one cause of its end: the first of exit, timeout, terminate, owner gone and denial to be
 * recorded. An exit is recorded only when it is reported, so an earlier denial is the cause.
 */
import { errorFields } from '../errors/describe.js';
import type { PermissionEnforcer } from '../config/settings/command-settings.js';
import type { Logger } from '../log/log.js';
import { HAS_PROCESS_LIST, processList } from '../system/programs/process-list.js';
import { HAS_JOBS, processJobs } from '../system/programs/process-jobs.js';
import { claimDescriptors, countHolders, makeRoom } from '../system/programs/descriptors.js';
import type { NetworkApproval, Registration } from '../network-approval/registration/registration.js';
import type { Sandbox } from '../sandbox/policy/sandbox.js';
import type { CommandSpec, EndCause, RunningCommand } from './start/command.js';
import { supervise, TREE_PATIENCE_MS, type Supervised } from './running-command.js';
import { laneTimeout, programNotRunnable } from './start/ended-command.js';
import { registerInTime } from './start/lane-wait.js';
import { ownerFields } from '../network-approval/registration/owner-fields.js';
import { launch } from './start/launch.js';
import { createOrphanGuard } from './end/orphan-guard.js';
import { endsWithDaemon, enforcedPermissions, needsSandbox } from './start/permissions.js';
import type { ObservedCommands } from './observe/observed-commands.js';
import { createPipePool, type PipePool } from './process/pipe-pool.js';
import { createPreparedStarts } from './start/prepared-starts.js';
import { createProcessTree, MARK_VARIABLE, newMarkPrefix, type ProcessTree } from './end/process-tree.js';
import { assertStartable, folderError, programError } from './process/program-lookup.js';
import { assertNoNul, SpawnError, toSpawnError } from './process/spawn-errors.js';
import { noteWritable } from './start/writable-places.js';

export interface SupervisorOptions {
  readonly sandbox: Sandbox;
  readonly approvals: NetworkApproval;
  /** Checks the permissions of every command. */
  readonly requirements: PermissionEnforcer;
  readonly log: Logger;
  /** Learns of every command, for operators; absent: nobody may look. */
  readonly observed?: ObservedCommands;
  /** For tests: other pipes. */
  readonly pipes?: PipePool;
}

export interface Supervisor {
  /**
   * Starts a command. Throws SpawnError when it cannot be started, `sandbox.refused` when its permissions cannot be
   * enforced, ConfigError when the requirements do not allow them, and the errors of NetworkApproval.register. After an
   * error, nothing of the command has run.
   *
   * A sandboxed command with a program that cannot run does start. It ends at once with 127 or 126 and one line on
   * stderr (docs/protocol/exec.md §1.2), as in a shell.
   */
  start(spec: CommandSpec): Promise<RunningCommand>;
  /** Prepares in advance what the first command would wait for. */
  warm(): void;
  /** Counts since the daemon started. A command with a program that could not run is not counted. */
  counts(): CommandCounts;
  /** Ends every command. Resolves when all are gone. */
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
  const outerMark = process.env[MARK_VARIABLE];
  const prepared = createPreparedStarts({
    pipes,
    mark: [MARK_VARIABLE, `${outerMark ? `${outerMark}:` : ''}${markPrefix}.prepared.`],
    warn: (message) => log.warn(message),
  });
  approvals.prepareLanes?.(prepared.inLanes);
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
    const observation = parts.observed?.observe(spec, registration);
    let unwatch = (): void => {};
    let settle = (): void => {};
    try {
      // Claimed after the wait for a lane: a waiting command needs no descriptors.
      settle = claimForStart();
      guard.ready();
      const launched = await launch(spec, {
        sandbox,
        pipes,
        prepared,
        registration,
        mark: tree.mark,
        job: tree.job,
        onSandbox: (contains) => {
          registration.claim(contains);
          tree.inSandbox?.(contains);
        },
        onStart: ({ pid, exited, ...origin }) => {
          tree.started(pid, exited, origin);
          observation?.started(pid);
          unwatch = guard.watch(endsWithDaemon(spec.permissions) ? null : pid);
        },
      });
      const sinks = observation && { stdout: observation.stdout, stderr: observation.stderr };
      const supervised = supervise({ ...spec, ...sinks }, registration, launched, tree);
      running.add(supervised);
      started++;
      const startedAt = performance.now();
      const id = registration.id;
      // Log only the first word of the command line; the others may contain secrets.
      log.info('command started', { command: id, ...ownerFields(spec.owner), program: spec.argv[0] });
      observation?.runs(supervised.command);
      if (closed) supervised.abandon();
      const forget = (): void => {
        unwatch();
        running.delete(supervised);
      };
      supervised.command.ended.then(
        (end) => {
          const { cause, exitCode } = end;
          ended[cause]++;
          forget();
          observation?.ended(end);
          const ms = Math.round(performance.now() - startedAt);
          log.info('command ended', { command: id, ...ownerFields(spec.owner), cause, exit: exitCode, ms });
        },
        () => {
          forget();
          observation?.ended(null);
        },
      );
      return supervised.command;
    } catch (error) {
      registration.finish({ treeGone: await tree.abandon(TREE_PATIENCE_MS) });
      unwatch();
      observation?.ended(null);
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
        workNow: spec.workNow,
        giveUp,
      }),
    );
    if (registered === 'timeout') return laneTimeout(spec);
    const { registration, timeoutMs } = registered;
    if (closed || spec.gone.aborted) {
      registration.finish({ treeGone: true });
      throw new SpawnError('nobody waits for it any more');
    }
    const options = {
      mark: `${markPrefix}.${++commands}.`,
      outerMark,
      networkNamespace: registration.lane?.networkNamespace ?? null,
      sandboxed: needsSandbox(spec.permissions),
    };
    let tree: ProcessTree;
    try {
      tree = HAS_JOBS || HAS_PROCESS_LIST ? await treeFor(options) : createProcessTree(options);
      if (closed) throw new SpawnError('nobody waits for it any more'); // The tree may have waited for its module.
      const { contains } = tree;
      if (contains) registration.claim(contains);
    } catch (error) {
      registration.finish({ treeGone: true });
      throw toSpawnError(error);
    }
    const launching = launchRegistered({ ...spec, timeoutMs }, registration, tree);
    starting.add(launching);
    return launching.finally(() => starting.delete(launching));
  };

  return {
    start: async (requested) => {
      const spec = { ...requested, permissions: enforcedPermissions(requested.permissions, requirements) };
      assertNoNul(spec.argv, spec.cwd, spec.env);
      noteWritable(spec.permissions, spec.env);
      const problem = knownError(spec);
      const about = { ...ownerFields(spec.owner), program: spec.argv[0] };
      if (problem) {
        log.info('command not started', { ...about, ...errorFields(problem) });
        return programNotRunnable(spec, problem);
      }
      const looking = needsSandbox(spec.permissions) ? assertStartable(spec.argv, spec.cwd, spec.env) : undefined;
      if (looking) await looking;
      return startRegistered(spec).catch((error: unknown) => {
        log.info('command not started', { ...about, ...errorFields(error) });
        throw error;
      });
    },
    warm() {
      guard.ready();
      pipes.warm();
    },
    counts: () => ({ started, running: running.size, ended: { ...ended } }),
    close: async () => {
      closed = true;
      uncount();
      for (const { abandon } of running) abandon();
      // A command that is still starting is abandoned as soon as it has started.
      await Promise.allSettled(starting);
      await Promise.allSettled([...running].map(({ command }) => command.ended));
      await prepared.close();
      pipes.close();
      guard.close();
    },
  };
}

/** What ends the command on a system without /proc. */
async function treeFor(options: Parameters<typeof createProcessTree>[0]): Promise<ProcessTree> {
  if (HAS_JOBS) return jobTree(options.mark);
  const [processes, { createListedTree }] = await Promise.all([processList(), import('./end/listed-tree.js')]);
  return createListedTree({ ...options, processes });
}

/** For systems with jobs. This process is guarded first, so nothing of the command outlives it. */
async function jobTree(mark: string): Promise<ProcessTree> {
  const [jobs, { createJobTree }] = await Promise.all([processJobs(), import('./end/job-tree.js')]);
  jobs.guard();
  return createJobTree(mark, jobs.create());
}

/** Both ends of three pipes, the descriptors that bubblewrap reads, and Node's own during the start. */
const START_DESCRIPTORS = 12;

/** Throws SpawnError when too few descriptors are left to start a command and to end everything later. */
function claimForStart(): () => void {
  try {
    return claimDescriptors('a command', START_DESCRIPTORS);
  } catch (error) {
    throw toSpawnError(error);
  }
}

/**
 * Finds the errors that are known before the start. Throws where the protocol has an error for them. Returns the error
 * where the protocol has a result: in a sandbox, where the reference finds the error only inside (docs/protocol/exec.md
 * §1.2).
 */
function knownError(spec: CommandSpec): SpawnError | null {
  const cwdProblem = folderError(spec.cwd);
  if (cwdProblem) throw cwdProblem;
  const [program = ''] = spec.argv;
  const sandboxed = needsSandbox(spec.permissions);
  const terminal = spec.io.kind === 'terminal';
  if (!sandboxed && program === '') throw new SpawnError(`missing program for ${terminal ? 'PTY' : 'pipe'} spawn`);
  // In the other cases execve(2) reports the error.
  const problem = sandboxed || terminal ? programError(program, spec.cwd, spec.env.PATH) : null;
  if (problem && !sandboxed) throw problem;
  return problem;
}
