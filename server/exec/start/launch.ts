/** Starts the process of a registered command: environment, sandbox, lane, and pipes or a terminal. */
import fs from 'node:fs';
import { isatty } from 'node:tty';
import { fault } from '../../errors/fault.js';
import { HAS_CONSOLES } from '../../system/programs/console-terminal.js';
import type { Registration } from '../../network-approval/registration/registration.js';
import type { Sandbox, SandboxedCommand } from '../../sandbox/policy/sandbox.js';
import type { Child } from '../process/child.js';
import type { ProgramCall, StartedProcess } from '../process/program-call.js';
import type { CommandSpec } from './command.js';
import { changed } from './command-environment.js';
import { needsSandbox, permissionMarks } from './permissions.js';
import type { PipePool } from '../process/pipe-pool.js';
import { canBecome } from '../process/prepared-start.js';
import { canBecomeReady } from '../process/ready-sandbox.js';
import type { PreparedStarts } from './prepared-starts.js';
import { MARK_VARIABLE } from '../end/process-tree.js';
import { spawnOnPipes } from '../process/process-pipes.js';

export interface LaunchOptions {
  readonly sandbox: Sandbox;
  readonly pipes: PipePool;
  readonly prepared: PreparedStarts;
  readonly registration: Registration;
  /** Value of MARK_VARIABLE. */
  readonly mark: string;
  /** The name of the job of the command's processes, where the system has jobs. */
  readonly job: string | null;
  /** Called before the start with what tells the processes of the sandbox from others, where the system knows it. */
  readonly onSandbox?: (contains: (pid: number) => boolean) => void;
  /** Called as soon as the command's first process exists, even if launch() fails later. */
  readonly onStart: (process: StartedProcess) => void;
}

export interface Launched {
  readonly child: Child;
  /** Removes what was made on the host for the command. Call it when the command's processes are gone. */
  release(): void;
}

/** Throws SpawnError when the command cannot be started, `sandbox.refused` when its permissions cannot be enforced. */
export async function launch(spec: CommandSpec, options: LaunchOptions): Promise<Launched> {
  const env = launchEnvironment(spec, options);
  const starter = await starterFor(spec, options.pipes);
  if (needsSandbox(spec.permissions)) return inSandbox(starter, env, spec, options);
  const child = await starter.start(directCall(starter.argv, spec, env, options.onStart));
  return { child, release: () => {} };
}

/** How a command of one kind of input and output is started. */
interface Starter {
  /** The command's own argv, with the prefix that a terminal needs. */
  readonly argv: readonly string[];
  start(call: ProgramCall): Promise<Child>;
}

/** Throws SpawnError. The modules load on demand: most daemons never open a terminal. */
async function starterFor({ argv, io, permissions }: CommandSpec, pipes: PipePool): Promise<Starter> {
  switch (io.kind) {
    case 'terminal': {
      if (HAS_CONSOLES && needsSandbox(permissions)) {
        const { spawnForConsole } = await import('../process/process-own-console.js');
        return { argv, start: spawnForConsole };
      }
      if (HAS_CONSOLES) {
        const { spawnOnConsole } = await import('../process/process-console.js');
        return { argv, start: (call) => spawnOnConsole(call, io.size) };
      }
      const { controllingTerminal, spawnOnTerminal } = await import('../process/process-pty.js');
      return { argv: [...controllingTerminal(), ...argv], start: (call) => spawnOnTerminal(call, io.size) };
    }
    case 'inherit': {
      const { spawnInherited } = await import('../process/process-inherited.js');
      return { argv, start: spawnInherited };
    }
    case 'pipes':
      return { argv, start: (call) => spawnOnPipes(call, io.stdin, pipes) };
  }
}

function launchEnvironment(spec: CommandSpec, { registration, mark }: LaunchOptions): Record<string, string> {
  const { permissions } = spec;
  // Fail closed: a proxied command without a lane would have direct network access.
  if (permissions.network.kind === 'proxied' && !registration.lane)
    throw fault('a proxied command has no network lane');
  // Nobody can unset a mark. A default yields to a requested value.
  return changed(changed(registration.lane?.defaults ?? {}, spec.env), {
    ...permissionMarks(permissions, registration.lane?.environment ?? {}),
    ...Object.fromEntries((registration.lane?.withheld ?? []).map((name) => [name, null])),
    ...(needsSandbox(permissions) ? { PWD: spec.cwd } : {}),
    [MARK_VARIABLE]: mark,
  });
}

function directCall(
  argv: readonly string[],
  { cwd }: CommandSpec,
  env: Readonly<Record<string, string>>,
  onStart: LaunchOptions['onStart'],
): ProgramCall {
  const [file = '', ...args] = argv;
  return { file, args, cwd, env, onStart };
}

async function inSandbox(
  { argv, start }: Starter,
  env: Readonly<Record<string, string>>,
  spec: CommandSpec,
  options: LaunchOptions,
): Promise<Launched> {
  const { sandbox, registration, mark, job, onSandbox, onStart } = options;
  const { profile, workspaceRoots, network } = spec.permissions;
  const wrapped = await sandbox.wrap({
    argv,
    cwd: spec.cwd,
    env,
    profile,
    workspaceRoots,
    network: network.kind === 'proxied' ? 'lane' : network.kind,
    lanePorts: registration.lane?.ports ?? [],
    names: registration.lane?.names,
    roots: registration.lane?.roots,
    readable: [...(registration.lane?.readable ?? []), ...(spec.readable ?? [])],
    terminal: spec.io.kind === 'terminal' || (spec.io.kind === 'inherit' && hasTerminal()),
    ...(spec.io.kind === 'terminal' && { terminalSize: spec.io.size }),
    passesDescriptors: true,
    job,
  });
  if (wrapped.contains) onSandbox?.(wrapped.contains);
  const { prepared, release } = advanceOf(wrapped, { ...spec, env }, options);
  // Nothing else is in the command's lane, whether or not it is used: what was not taken ends here.
  const lane = registration.lane?.prepared;
  try {
    const child = prepared(onStart);
    if (child !== null) return { child, release };
    if (lane) await options.prepared.inLanes.discard(lane);
    const entered = [...(registration.lane?.enter ?? []), wrapped.file, ...wrapped.args];
    // The sandbox's launcher has the mark, too: killed early, it leaves children without the command's environment.
    const call = directCall(entered, spec, { ...wrapped.env, [MARK_VARIABLE]: mark }, onStart);
    const descriptors = wrapped.passOn?.open();
    try {
      return { child: await start(descriptors ? { ...call, descriptors } : call), release };
    } finally {
      for (const descriptor of descriptors ?? []) fs.closeSync(descriptor);
    }
  } catch (error) {
    release();
    throw error;
  }
}

/** `prepared` starts the command with a process that waits for it; null: it must be started in the ordinary way. */
interface Advance {
  readonly prepared: (onStart: LaunchOptions['onStart']) => Child | null;
  readonly release: () => void;
}

function advanceOf(
  wrapped: SandboxedCommand,
  { argv, io, cwd, env }: Pick<CommandSpec, 'argv' | 'io' | 'cwd' | 'env'>,
  { prepared: starts, registration, mark }: LaunchOptions,
): Advance {
  const { passOn, file, args } = wrapped;
  const release = (): void => wrapped.release();
  if (!passOn || io.kind !== 'pipes') return { prepared: () => null, release };
  const inside = { argv, cwd: passOn.sandbox?.workingFolder ?? cwd, env };
  const sandbox = passOn.sandbox && canBecomeReady(inside) && mayEnter(cwd) ? passOn.sandbox : null;
  const { prepared, ready, ended } = starts.take(passOn.advance, registration.lane, sandbox);
  const words = [file, ...args];
  return {
    prepared: (onStart) => {
      if (ready !== null) return ready.become({ ...inside, stdin: io.stdin, onStart });
      if (prepared === null) return null;
      if (canBecome(words) && mayEnter(cwd))
        return prepared.become({
          words,
          content: passOn.content,
          mark: [MARK_VARIABLE, mark],
          stdin: io.stdin,
          onStart,
        });
      void prepared.dispose();
      return null;
    },
    release: () => {
      ended();
      release();
    },
  };
}

/** Where it may not, the ordinary start reports the error. */
function mayEnter(folder: string): boolean {
  try {
    fs.accessSync(folder, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** True when one of our own streams is a terminal, which must then reach the command. */
export const hasTerminal = (): boolean => [0, 1, 2].some((descriptor) => isatty(descriptor));
