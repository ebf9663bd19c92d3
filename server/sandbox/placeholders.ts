/**
 * Folders that stand on the host where a protected path is missing, while commands run that must not create it.
 *
 * Threat: a missing `.git` or `.codex` in a writable root could be made by the command. Only a mount prevents that, a
 * mount needs something to be mounted on, and union mounts that would do without are neither in older bubblewraps nor
 * safe over a folder that others change. So an empty folder is made on the host for as long as a command needs it. If it
 * went away under a running sandbox the kernel would drop the mount there, and with it the protection; if it stayed
 * behind it would be taken for a repository or a project.
 * Rule: a placeholder carries the sticky bit, which tells it from the user's own folders from its first moment. The
 * daemon that made it (its maker) removes it; one that finds it puts an empty folder into it (a mark), and removes that.
 * rmdir(2) refuses a folder that is not empty, so a placeholder stays while anybody needs it, without locks; a maker
 * that cannot remove it for that reason says so by its mode, and whoever takes out the last mark removes it. Nothing is
 * ever removed but by rmdir: what somebody has put into a placeholder stays.
 * When the daemon is killed, a small shell that waits for the end of its pipe lets go in its stead.
 * Scope: daemons of one user. Should daemon and shell be killed both, the next command in the same root clears up after
 * them, a day or a reboot later; until then it is an empty folder.
 *
 * Making and removing costs some 90 µs a name on ext4, and stands before and after every command that may write.
 */
import fs from 'node:fs';
import path from 'node:path';
import { createCleaner } from './placeholder-cleaner.js';
import {
  isAbandoned,
  isLeft,
  isPlaceholder,
  LEFT_MODE,
  markIsAbandoned,
  marksIn,
  newMark,
  PLACEHOLDER_MODE,
  STICKY,
} from './placeholder-marks.js';
import { SandboxError } from './sandbox.js';

export interface Placeholders {
  /**
   * Makes sure that every path exists, as a placeholder if need be. Throws SandboxError when a path cannot be held
   * although commands could create it.
   */
  hold(paths: readonly string[]): HeldPlaceholders;
}

export interface HeldPlaceholders {
  /** Paths that still do not exist, because neither we nor commands can make them. */
  readonly absent: ReadonlySet<string>;
  /** Lets go. Idempotent, never throws. */
  release(): void;
}

type Role = 'maker' | 'guest';

/** One a daemon process. */
export function createPlaceholders(warn: (message: string) => void): Placeholders {
  const held = new Map<string, { readonly role: Role; users: number }>();
  const mark = newMark();
  const cleaner = createCleaner(mark);

  const letGo = (places: readonly string[]): void => {
    const last: { place: string; role: Role }[] = [];
    for (const place of places) {
      const entry = held.get(place);
      if (!entry || --entry.users > 0) continue;
      held.delete(place);
      last.push({ place, role: entry.role });
    }
    // Before they go: the shell must never take another daemon's placeholder at the same path for ours.
    cleaner.forget(last.map(({ place }) => place));
    for (const { place, role } of last) {
      try {
        leave(place, role, mark);
      } catch (error) {
        warn(`the placeholder ${place} cannot be removed: ${(error as Error).message}`);
      }
    }
    if (held.size === 0) cleaner.idle();
  };

  return {
    hold(paths) {
      const own: string[] = [];
      const absent = new Set<string>();
      const fresh: { place: string; role: Role }[] = [];
      try {
        for (const place of paths) {
          const known = held.get(place);
          if (known) known.users++;
          else {
            const role = enter(place, mark);
            if (role === 'impossible') absent.add(place);
            if (role !== 'maker' && role !== 'guest') continue;
            held.set(place, { role, users: 1 });
            fresh.push({ place, role });
          }
          own.push(place);
        }
      } catch (error) {
        letGo(own);
        throw error;
      }
      cleaner.remember(fresh);
      let released = false;
      return {
        absent,
        release: () => {
          if (!released) letGo(own);
          released = true;
        },
      };
    },
  };
}

/** Another daemon may remove a placeholder between our looking and our marking; it cannot do so for ever. */
const MAX_TRIES = 100;

/** `exists`: as something else. `impossible`: this user cannot make it, so neither can its commands. */
function enter(place: string, mark: string): Role | 'exists' | 'impossible' {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (makeFolder(place)) return 'maker';
    const stat = fs.lstatSync(place, { throwIfNoEntry: false });
    if (!stat) {
      if (cannotBeMade(place)) return 'impossible';
      continue;
    }
    const marks = isPlaceholder(place, stat) ? marksIn(place) : null;
    if (marks === null) return 'exists';
    for (const other of marks) if (markIsAbandoned(place, other)) removeFolder(path.join(place, other));
    if (makeFolder(path.join(place, mark))) {
      if (isAbandoned(stat)) fs.chmodSync(place, LEFT_MODE);
      return 'guest';
    }
  }
  throw new SandboxError(`cannot protect ${place}: another program keeps removing it`);
}

/** False when it exists, or when what it would be in does not, or does not let us. */
function makeFolder(place: string): boolean {
  try {
    fs.mkdirSync(place, PLACEHOLDER_MODE);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && NOT_MADE.has(code)) return false;
    throw new SandboxError(`cannot protect ${place}: ${(error as Error).message}`);
  }
}
const NOT_MADE: ReadonlySet<string> = new Set(['EEXIST', 'ENOENT', 'EACCES', 'EROFS', 'EPERM']);

/**
 * On a read-only file system nobody makes anything, and in a folder of somebody else that we may not write neither may
 * our commands. A folder of our own they could make writable first.
 */
function cannotBeMade(place: string): boolean {
  const parent = path.dirname(place);
  try {
    fs.accessSync(parent, fs.constants.W_OK | fs.constants.X_OK);
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EROFS') return true;
    const stat = fs.statSync(parent, { throwIfNoEntry: false });
    if (!stat || stat.uid !== process.getuid?.()) return true;
    throw new SandboxError(`cannot protect ${place}: ${parent} is yours but not writable; chmod u+wx it`);
  }
}

function leave(place: string, role: Role, mark: string): void {
  if (role === 'guest') {
    removeFolder(path.join(place, mark));
    const stat = fs.lstatSync(place, { throwIfNoEntry: false });
    if (!stat || !isLeft(stat)) return; // Its maker is still here, and removes it.
  }
  if (removeFolder(place)) return;
  // Somebody made it theirs: then it must not look like a placeholder any more.
  if (marksIn(place) === null) return fs.chmodSync(place, PLACEHOLDER_MODE & ~STICKY);
  fs.chmodSync(place, LEFT_MODE);
  // Again, for guests that left before they could see that.
  removeFolder(place);
}

function removeFolder(place: string): boolean {
  try {
    fs.rmdirSync(place);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') return false;
    throw error;
  }
}
