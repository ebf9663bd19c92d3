/**
 * Keeps open terminals out of other commands.
 *
 * Threat: node-pty's native part opens a terminal's master side without O_CLOEXEC. Every process started while it is
 * open inherits it. Such a process could read another command's screen and type into its shell, outside of any sandbox.
 * Rule: a child receives /dev/null in the place of every such descriptor.
 * Scope: every process that this folder starts.
 * Non-scope: the daemon's own helper processes (lanes, probes), which are trusted.
 */
import fs from 'node:fs';
import type { Stdio } from './stdio-descriptors.js';

/**
 * Closes the descriptors above stderr that the daemon inherited from its starter. The daemon does not use them, every
 * command would inherit them, and with them the sandbox would need a slower start. Node's own descriptors have
 * O_CLOEXEC and stay open. Linux only: other systems have no list of descriptors. Returns the number of closed
 * descriptors.
 */
export function closeInherited(folder = '/proc/self/fdinfo'): number {
  const leaks = descriptors(folder).filter((descriptor) => descriptor > 2 && !closesAtExec(folder, descriptor));
  for (const descriptor of leaks) fs.closeSync(descriptor);
  return leaks.length;
}

function descriptors(folder: string): number[] {
  try {
    return fs.readdirSync(folder).map(Number);
  } catch {
    return []; // No /proc.
  }
}

/** open(2): the flag in the octal `flags` of proc_pid_fdinfo(5). */
const O_CLOEXEC = 0o2000000;

function closesAtExec(folder: string, descriptor: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(fs.readFileSync(`${folder}/${descriptor}`, 'latin1'))?.[1];
    return flags === undefined || (parseInt(flags, 8) & O_CLOEXEC) !== 0;
  } catch {
    return true; // Closed meanwhile: it belonged to the listing itself.
  }
}

const leaking = new Set<number>();
let devNull: number | undefined;

/**
 * Declares that children would inherit `descriptor`. Returns the function that withdraws the declaration; call it when
 * the descriptor closes.
 */
export function declareInheritable(descriptor: number): () => void {
  leaking.add(descriptor);
  return () => leaking.delete(descriptor);
}

/** Returns the stdio of a child, extended so that no declared descriptor reaches it. */
export function shieldDescriptors(stdio: readonly Stdio[number][]): (Stdio[number] | 'ignore')[] {
  if (!leaking.size) return [...stdio];
  devNull ??= fs.openSync('/dev/null', 'r+');
  const shielded = Array.from({ length: Math.max(...leaking) + 1 }, (_, descriptor) =>
    leaking.has(descriptor) ? (devNull as number) : 'ignore',
  );
  // Above stderr, 'ignore' leaves a descriptor unchanged: exec closes it.
  return [...stdio, ...shielded.slice(stdio.length)];
}
