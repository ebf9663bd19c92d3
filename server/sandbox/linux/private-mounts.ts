/**
 * Keeps what the host mounts later out of running sandboxes.
 *
 * Threat: where mounts are shared, as systemd makes them, a file system that is mounted while a command runs appears in
 * its sandbox as well: not read-only, and in front of what was hidden. bubblewrap makes its mounts slaves, which goes
 * on receiving. Rule: there bubblewrap is started in a mount namespace that receives nothing (util-linux's `unshare`,
 * one program more for each command); where nothing is shared, as in most containers, nothing is done and nothing is
 * paid. Where the system lets no other program than bubblewrap make namespaces (Ubuntu's AppArmor profiles), this
 * cannot be had: a warning says so once, and the page names the limit.
 */
import { runProgram } from '../../system/programs/start-program.js';
import { systemProgramIfAny, type TrustedProgram } from '../../system/programs/system-program.js';

/** What starts bubblewrap; null: nothing. */
export type PrivateMounts = readonly [TrustedProgram, ...string[]] | null;

/** The words of a program that is started by another one. */
export const startedBy = (enter: PrivateMounts, program: TrustedProgram): readonly [TrustedProgram, ...string[]] =>
  enter === null ? [program] : [...enter, program];

const MOUNTS: readonly string[] = ['--mount', '--propagation', 'private'];
const TRY_TIMEOUT_MS = 5000;

/** Found out once. One a sandbox. */
export function createPrivateMounts(
  warn: (message: string) => void,
): (bubblewrap: TrustedProgram) => Promise<PrivateMounts> {
  let found: Promise<PrivateMounts> | undefined;
  return (bubblewrap) => (found ??= find(bubblewrap, warn));
}

async function find(bubblewrap: TrustedProgram, warn: (message: string) => void): Promise<PrivateMounts> {
  const program = systemProgramIfAny('unshare');
  const asUser = ['--user', '--map-current-user', ...MOUNTS];
  const ways = program === null ? [] : [...(process.getuid?.() === 0 ? [MOUNTS] : []), asUser];
  for (const way of ways) {
    const words = [program as TrustedProgram, ...way, '--'] as const;
    if (await works([...words, bubblewrap])) return words;
  }
  warn(
    "what the host mounts while a command runs will be visible to it: util-linux's unshare is missing, or is not permitted to make namespaces",
  );
  return null;
}

async function works([file, ...args]: readonly [TrustedProgram, ...string[]]): Promise<boolean> {
  const attempt = [
    '--unshare-user',
    '--unshare-pid',
    '--ro-bind',
    '/',
    '/',
    '--proc',
    '/proc',
    '--',
    '/bin/sh',
    '-c',
    ':',
  ];
  return (await runProgram(file, [...args, ...attempt], TRY_TIMEOUT_MS)).error === null;
}
