/**
 * Keeps the host's later mounts out of running sandboxes.
 *
 * Threat: with shared mounts, systemd's default, a file system that is mounted while a command runs also appears in its
 * sandbox: not read-only, and in front of what was hidden. bubblewrap makes its mounts slaves, which still receive new
 * mounts.
 * Rule: on such systems, bubblewrap starts in a mount namespace that receives nothing (util-linux's `unshare`, one more
 * program for each command). Where nothing is shared, as in most containers, nothing is done. Where only bubblewrap may
 * create namespaces (Ubuntu's AppArmor profiles), this protection is impossible: a warning says so once, and the page
 * names the limit.
 */
import { runProgram } from '../../system/programs/start-program.js';
import { systemProgramIfAny, type TrustedProgram } from '../../system/programs/system-program.js';

/** The words that start bubblewrap; null: none. */
export type PrivateMounts = readonly [TrustedProgram, ...string[]] | null;

/** The argv of a program that is started by another one. */
export const startedBy = (enter: PrivateMounts, program: TrustedProgram): readonly [TrustedProgram, ...string[]] =>
  enter === null ? [program] : [...enter, program];

const MOUNTS: readonly string[] = ['--mount', '--propagation', 'private'];
const TRY_TIMEOUT_MS = 5000;

/** Determined once. One for each sandbox. */
export function createPrivateMounts(
  warn: (message: string) => void,
): (bubblewrap: TrustedProgram) => Promise<PrivateMounts> {
  let found: Promise<PrivateMounts> | undefined;
  return (bubblewrap) => (found ??= find(bubblewrap, warn));
}

async function find(bubblewrap: TrustedProgram, warn: (message: string) => void): Promise<PrivateMounts> {
  const program = systemProgramIfAny('unshare');
  const asUser = ['--user', '--map-current-user', ...MOUNTS];
  for (const way of process.getuid?.() === 0 ? [MOUNTS, asUser] : [asUser]) {
    if (program === null) break;
    const words = [program, ...way, '--'] as const;
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
