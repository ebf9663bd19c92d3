import { createProcessTree, MARK_VARIABLE, newMarkPrefix } from '../../../server/exec/end/process-tree.js';
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

const BOUND = '--die-with-parent';

/** As the sandbox calls it for a command in a lane: every namespace but the network's. */
// prettier-ignore
const SANDBOX = [
  '--ro-bind', '/', '/', '--dev', '/dev', '--unshare-user', '--unshare-pid', '--unshare-ipc', '--proc', '/proc',
  '--cap-drop', 'ALL', BOUND, '--new-session', '--',
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

const prefix = newMarkPrefix();
let commands = 0;

/** More than enough for killed processes to disappear, on a busy machine, too. */
const PATIENCE_MS = 20_000;

/**
 * Runs a line of bash as the supervisor would: in the lane and a sandbox, ended when its registration is aborted. All
 * of its processes are ended one by one. To kill bubblewrap alone is not enough: the init of its pid namespace starts
 * the command first and binds itself to its parent's life afterwards. `unbound`: as it is until then.
 */
export async function runInLane(
  registration: Registration,
  line: string,
  env: Record<string, string> = {},
  { unbound = false } = {},
): Promise<Ran> {
  const { enter = [], networkNamespace = null } = registration.lane ?? {};
  const [file, args] = sandboxed(enter, ['bash', '--norc', '-c', line]);
  const tree = createProcessTree({
    mark: `${prefix}-${++commands}`,
    outerMark: process.env[MARK_VARIABLE],
    networkNamespace,
    sandboxed: true,
  });
  const child = startChild(file, unbound ? args.filter((word) => word !== BOUND) : args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...env, ...registration.lane?.environment, [MARK_VARIABLE]: tree.mark },
    extendEnv: false,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (output += piece.toString()));
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (child.pid !== undefined) tree.started(child.pid, closed);
  registration.signal.addEventListener('abort', () => void tree.kill(), { once: true });
  const code = await closed;
  const treeGone = await tree.killAndWait(PATIENCE_MS);
  return { code, output, denial: registration.finish({ treeGone }) };
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
