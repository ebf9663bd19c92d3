import type { SandboxStatus } from '../../../server/sandbox/policy/sandbox.js';
import { systemProgramIfAny } from '../../../server/system/programs/system-program.js';
import type { Registration } from '../../../server/network-approval/registration/registration.js';
import type { NetworkDenial } from '../../../server/network-approval/registration/denial.js';
import { runToEnd, startChild } from '../../fixtures/programs.js';

/** bubblewrap of this machine; the tests of lanes need it, as the daemon does. */
export const BUBBLEWRAP = systemProgramIfAny('bwrap');

export const status = async (): Promise<SandboxStatus> =>
  BUBBLEWRAP === null
    ? { available: false, reason: 'bubblewrap is not installed', fix: 'Install the package bubblewrap' }
    : { available: true, kind: 'bubblewrap', program: BUBBLEWRAP, version: 'any' };

/** As the sandbox calls it for a command in a lane: every namespace but the network's. */
// prettier-ignore
const SANDBOX = [
  '--ro-bind', '/', '/', '--dev', '/dev', '--unshare-user', '--unshare-pid', '--unshare-ipc', '--proc', '/proc',
  '--cap-drop', 'ALL', '--die-with-parent', '--new-session', '--',
];

export const sandboxed = (enter: readonly string[], argv: readonly string[]): [file: string, args: string[]] => {
  const [file = '', ...args] = [...enter, BUBBLEWRAP ?? 'bwrap', ...SANDBOX, ...argv];
  return [file, args];
};

export interface Ran {
  readonly code: number | null;
  readonly output: string;
  readonly denial: NetworkDenial | null;
}

/** Runs a line of bash as the supervisor would: in the lane and a sandbox, killed when its registration is aborted. */
export async function runInLane(
  registration: Registration,
  line: string,
  env: Record<string, string> = {},
): Promise<Ran> {
  const [file, args] = sandboxed(registration.lane?.enter ?? [], ['bash', '--norc', '-c', line]);
  const child = startChild(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...env, ...registration.lane?.environment },
    extendEnv: false,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (output += piece.toString()));
  registration.signal.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // bubblewrap is the parent of its pid namespace's init and dies with it: what it waited for is gone.
  return { code, output, denial: registration.finish({ treeGone: true }) };
}

/** The same while this process stands still: it accepts nothing until the command is dead. */
export function runWhileStopped(enter: readonly string[], line: string, env: Record<string, string> = {}): string {
  const [file, args] = sandboxed(enter, ['bash', '--norc', '-c', line]);
  const { stdout, stderr } = runToEnd(file, args, {
    env: { PATH: process.env['PATH'], ...env },
    extendEnv: false,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
  });
  return stdout + stderr;
}
