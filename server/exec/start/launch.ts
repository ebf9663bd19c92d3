/** From a command and its registration to a process: environment, sandbox, lane, pipes or terminal. */
import { isatty } from 'node:tty';
import type { Registration } from '../../network-approval/registration/registration.js';
import type { Sandbox } from '../../sandbox/policy/sandbox.js';
import type { Child, ProgramCall, StartedProcess } from '../process/child.js';
import type { CommandSpec } from './command.js';
import { changed } from './environment.js';
import { needsSandbox, permissionMarks } from './permissions.js';
import type { PipePool } from '../process/pipe-pool.js';
import { MARK_VARIABLE } from '../end/process-tree.js';
import { spawnOnPipes } from '../process/process-pipes.js';

export interface LaunchOptions {
  readonly sandbox: Sandbox;
  readonly pipes: PipePool;
  readonly registration: Registration;
  /** Value of MARK_VARIABLE. */
  readonly mark: string;
  /** Told of the command's first process as soon as there is one, also when launch() fails after that. */
  readonly onStart: (process: StartedProcess) => void;
}

export interface Launched {
  readonly child: Child;
  /** Undoes what was made on the host for the command. To be called when its processes are gone. */
  release(): void;
}

/** Throws SpawnError when it cannot be started, `sandbox.refused` when it cannot be held to its permissions. */
export async function launch(spec: CommandSpec, options: LaunchOptions): Promise<Launched> {
  const env = launchEnvironment(spec, options);
  const { onStart } = options;
  const sandboxed = needsSandbox(spec.permissions);
  if (spec.io.kind === 'terminal') {
    // By need: most daemons never open a terminal.
    const { controllingTerminal, spawnOnTerminal } = await import('../process/process-pty.js');
    const argv = [...controllingTerminal(), ...spec.argv];
    const { size } = spec.io;
    if (!sandboxed)
      return { child: await spawnOnTerminal(directCall(argv, spec, env, onStart), size), release: () => {} };
    return inSandbox(argv, env, spec, options, (call) => spawnOnTerminal(call, size));
  }
  if (spec.io.kind === 'inherit') {
    const { spawnInherited } = await import('../process/process-inherited.js');
    if (!sandboxed)
      return { child: await spawnInherited(directCall(spec.argv, spec, env, onStart)), release: () => {} };
    return inSandbox(spec.argv, env, spec, options, spawnInherited);
  }
  const { stdin } = spec.io;
  if (!sandboxed) {
    return {
      child: await spawnOnPipes(directCall(spec.argv, spec, env, onStart), stdin, options.pipes),
      release: () => {},
    };
  }
  return inSandbox(spec.argv, env, spec, options, (call) => spawnOnPipes(call, stdin, options.pipes));
}

function launchEnvironment(spec: CommandSpec, { registration, mark }: LaunchOptions): Record<string, string> {
  const { permissions } = spec;
  // Before anything else fails open: proxied without a lane would be direct.
  if (permissions.network.kind === 'proxied' && !registration.lane) throw new Error('the command has no network lane');
  // Nobody can unset a mark; a default gives way to whatever was asked for.
  return changed(changed(registration.lane?.defaults ?? {}, spec.env), {
    ...permissionMarks(permissions, registration.lane?.environment ?? {}),
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
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  spec: CommandSpec,
  { sandbox, registration, mark, onStart }: LaunchOptions,
  start: (call: ProgramCall) => Promise<Child>,
): Promise<Launched> {
  const { profile, workspaceRoots, network } = spec.permissions;
  const wrapped = await sandbox.wrap({
    argv,
    cwd: spec.cwd,
    env,
    profile,
    workspaceRoots,
    network: network.kind === 'proxied' ? 'lane' : network.kind,
    readable: registration.lane?.readable ?? [],
    terminal: spec.io.kind === 'terminal' || (spec.io.kind === 'inherit' && hasTerminal()),
    passesDescriptors: true,
  });
  try {
    const entered = [...(registration.lane?.enter ?? []), wrapped.file, ...wrapped.args];
    // What makes the sandbox is marked as well: ended early, it leaves children that know nothing of the command yet.
    const call = directCall(entered, spec, { ...wrapped.env, [MARK_VARIABLE]: mark }, onStart);
    const descriptors = wrapped.passOn?.descriptors;
    return { child: await start(descriptors ? { ...call, descriptors } : call), release: () => wrapped.release() };
  } catch (error) {
    wrapped.release();
    throw error;
  } finally {
    wrapped.passOn?.close();
  }
}

/** One of our own streams is a terminal: then it has to reach the command. */
export const hasTerminal = (): boolean => [0, 1, 2].some((descriptor) => isatty(descriptor));
