/**
 * Keeps open terminals out of other commands.
 *
 * Threat: the native half of node-pty opens a terminal's master side without O_CLOEXEC, so every process started while
 * it is open inherits it and could read another command's screen and type into its shell, out of any sandbox.
 * Rule: a child gets /dev/null in the place of every such descriptor.
 * Scope: everything that this folder starts. Non-scope: the daemon's own helpers (lanes, probes), which are trusted.
 */
import fs from 'node:fs';
import type { Stdio } from './stdio.js';

/**
 * Closes what whoever started the daemon left open above stderr: nothing here uses it, every command would inherit it,
 * and the sandbox needs a slower way in when there is something to close. What Node opened itself is marked
 * O_CLOEXEC and stays. Linux only: elsewhere there is no list of them. Returns how many there were.
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
    return true; // Closed in the meantime: it was the listing's own.
  }
}

const leaking = new Set<number>();
let devNull: number | undefined;

/**
 * Declares that `descriptor` would be inherited. Returns what takes that back; call it when the descriptor is closed.
 */
export function declareInheritable(descriptor: number): () => void {
  leaking.add(descriptor);
  return () => leaking.delete(descriptor);
}

/** The stdio of a child, extended so that no declared descriptor reaches it. */
export function shieldDescriptors(stdio: readonly Stdio[number][]): (Stdio[number] | 'ignore')[] {
  if (!leaking.size) return [...stdio];
  devNull ??= fs.openSync('/dev/null', 'r+');
  const shielded = Array.from({ length: Math.max(...leaking) + 1 }, (_, descriptor) =>
    leaking.has(descriptor) ? (devNull as number) : 'ignore',
  );
  // Beyond stderr, 'ignore' leaves a descriptor as it is: closed at exec.
  return [...stdio, ...shielded.slice(stdio.length)];
}
