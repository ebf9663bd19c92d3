/**
 * Keeps open terminals out of other commands.
 *
 * Threat: the native half of node-pty opens a terminal's master side without O_CLOEXEC, so every process started while
 * it is open inherits it and could read another command's screen and type into its shell, out of any sandbox.
 * Rule: a child gets /dev/null in the place of every such descriptor.
 * Scope: everything that this folder starts. Non-scope: the daemon's own helpers (lanes, probes), which are trusted.
 */
import fs from 'node:fs';
import type { Stdio } from './child.js';

const leaking = new Set<number>();
let devNull: number | undefined;

/** Declares that `descriptor` would be inherited. Returns what takes that back; call it when the descriptor is closed. */
export function declareInheritable(descriptor: number): () => void {
  leaking.add(descriptor);
  return () => leaking.delete(descriptor);
}

/** The stdio of a child, extended so that no declared descriptor reaches it. */
export function shieldDescriptors(stdio: Stdio): (Stdio[number] | 'ignore')[] {
  if (!leaking.size) return [...stdio];
  devNull ??= fs.openSync('/dev/null', 'r+');
  const shielded = Array.from({ length: Math.max(...leaking) + 1 }, (_, descriptor) =>
    leaking.has(descriptor) ? (devNull as number) : 'ignore',
  );
  // Beyond stderr, 'ignore' leaves a descriptor as it is: closed at exec.
  return [...stdio, ...shielded.slice(stdio.length)];
}
