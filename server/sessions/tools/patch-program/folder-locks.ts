/**
 * Keeps two of these programs from patching one file at the same time: each holds the folders of its files, from
 * before it reads until it ends.
 *
 * Rule: the lock is flock(2) on the folder itself, so nothing is left behind, whatever ends the program, and it holds
 * between sandboxes. The small program flock(1) takes it on our descriptor, which shares it; Node has no call for it.
 * Non-scope: programs that know nothing of the lock; machines without flock(1), where nothing is locked.
 */
// eslint-disable-next-line @typescript-eslint/no-restricted-imports -- it runs in a command, not in the daemon
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** By absolute path: PATH is the command's. */
const PROGRAMS = ['/usr/bin/flock', '/bin/flock', '/usr/local/bin/flock'];
/** For one folder, in milliseconds. Behind that its holder is no program like this one, which takes far less. */
const PATIENCE_MS = 10_000;

/** Waits for the folders of `places` (absolute) and holds them until this process ends. */
export function lockFolders(places: readonly string[], patienceMs = PATIENCE_MS): void {
  const program = PROGRAMS.find((file) => fs.existsSync(file));
  if (program === undefined) return;
  // Sorted: two programs that want the same two folders wait for each other in one order.
  for (const folder of [...new Set(places.map(existingFolder))].sort()) lock(program, folder, patienceMs);
}

function lock(program: string, folder: string, patienceMs: number): void {
  let fd: number;
  try {
    fd = fs.openSync(folder, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  } catch {
    return; // It cannot be listed. Whether it can be written is what the writing says.
  }
  // Not closed: the lock lives as long as the descriptor.
  spawnSync(program, ['-x', '3'], { stdio: ['ignore', 'ignore', 'ignore', fd], timeout: patienceMs });
}

/** The folder, or the first one above it that is there. */
function existingFolder(place: string): string {
  for (let at = path.dirname(place); ; at = path.dirname(at)) {
    if (at === path.dirname(at) || fs.existsSync(at)) return at;
  }
}
