/**
 * Prevents that two of these programs patch one file at the same time: each locks the folders of its files, before it
 * reads them, until they are written.
 *
 * Rule: the lock is flock(2) on the folder itself. So nothing is left when the program ends in any way, and the lock
 * works between sandboxes. The program flock(1) locks our descriptor, which it shares; Node has no call for it.
 * Non-scope: programs without this lock; machines without flock(1), where nothing is locked.
 */
// eslint-disable-next-line @typescript-eslint/no-restricted-imports -- it runs in a command, not in the daemon
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** By absolute path, because the command controls PATH. */
const PROGRAMS = ['/usr/bin/flock', '/bin/flock', '/usr/local/bin/flock'];
/** For one folder, in milliseconds. After that its holder is not a program like this one, which needs far less. */
const PATIENCE_MS = 10_000;

/**
 * Waits for the folders of `places` (absolute) and locks them. Returns what unlocks them; the end of the process does,
 * too.
 */
export function lockFolders(places: readonly string[], patienceMs = PATIENCE_MS): () => void {
  const program = PROGRAMS.find((file) => fs.existsSync(file));
  const folders = program === undefined ? [] : [...new Set(places.map(existingFolder))];
  const locked: number[] = [];
  // Sorted: two programs that lock the same two folders wait in one order.
  for (const folder of folders.sort()) {
    const fd = openFolder(folder);
    if (fd === null || program === undefined) continue;
    locked.push(fd);
    spawnSync(program, ['-x', '3'], { stdio: ['ignore', 'ignore', 'ignore', fd], timeout: patienceMs });
  }
  // The lock lives as long as the descriptor.
  return () => locked.splice(0).forEach((fd) => fs.closeSync(fd));
}

/** Null: the folder cannot be listed; the writing reports whether it can be written. */
function openFolder(folder: string): number | null {
  try {
    return fs.openSync(folder, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  } catch {
    return null;
  }
}

/** The folder, or its first existing parent. */
function existingFolder(place: string): string {
  for (let at = path.dirname(place); ; at = path.dirname(at)) {
    if (at === path.dirname(at) || fs.existsSync(at)) return at;
  }
}
