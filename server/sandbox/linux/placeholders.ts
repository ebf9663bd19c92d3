/**
 * Folders that stand on the host where a protected path is missing, while commands run that must not create it.
 *
 * Threat: a missing `.git` or `.codex` in a writable root could be made by the command. Only a mount prevents that, a
 * mount needs something to be mounted on, and union mounts that would do without are neither in older bubblewraps nor
 * safe over a folder that others change. So an empty folder is made on the host for as long as a command needs it. If
 * it went away under a running sandbox the kernel would drop the mount there, and with it the protection; if it stayed
 * behind it would be taken for a repository or a project.
 * Rule: a placeholder carries the sticky bit, which tells it from the user's own folders from its first moment. The
 * daemon that made it (its maker) removes it; one that finds it puts an empty folder into it (a mark), and removes
 * that. rmdir(2) refuses a folder that is not empty, so a placeholder stays while anybody needs it, without locks; a
 * maker that cannot remove it for that reason says so by its mode, and whoever takes out the last mark removes it.
 * Nothing is ever removed but by rmdir: what somebody has put into a placeholder stays. Another command may put
 * something else in its place, such as a link to a private file: nothing is changed but through a descriptor of the
 * very folder (device and inode) that was made or marked.
 * When the daemon is killed, a small shell that waits for the end of its pipe lets go in its stead.
 * Scope: daemons of one user. Should daemon and shell be killed both, the next command in the same root clears up after
 * them, a day or a reboot later; until then it is an empty folder.
 *
 * Making and removing costs some 90 µs a name on ext4, and stands before and after every command that may write.
 */
import fs from 'node:fs';
import path from 'node:path';
import { nativePath } from '../../system/files/path-bytes.js';
import { createCleaner } from './placeholder-cleaner.js';
import {
  isAbandoned,
  isLeft,
  isPlaceholder,
  looksLikePlaceholder,
  type FolderId,
  LEFT_MODE,
  markIsAbandoned,
  marksIn,
  newMark,
  openFolderOf,
  PLACEHOLDER_MODE,
  STICKY,
} from '../policy/placeholder-marks.js';
import { sandboxRefused } from '../policy/sandbox.js';

export interface Placeholders {
  /**
   * Makes sure that every path exists, as a placeholder if need be. Throws `sandbox.refused` when a path cannot be held
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

/** `id`: what stands at the path later may be something else, that is not ours to change. */
export interface Held {
  readonly place: string;
  readonly role: 'maker' | 'guest';
  readonly id: FolderId;
}

/** One a daemon process. */
export function createPlaceholders(warn: (message: string) => void): Placeholders {
  const held = new Map<string, Held & { users: number }>();
  const mark = newMark();
  const cleaner = createCleaner(mark);

  const letGo = (places: readonly string[]): void => {
    const last: Held[] = [];
    for (const place of places) {
      const entry = held.get(place);
      if (!entry || --entry.users > 0) continue;
      held.delete(place);
      last.push(entry);
    }
    // Before they go: the shell must never take another daemon's placeholder at the same path for ours.
    cleaner.forget(last);
    for (const one of last) {
      try {
        leave(one, mark);
      } catch (error) {
        warn(`the placeholder ${one.place} cannot be removed: ${(error as Error).message}`);
      }
    }
    if (held.size === 0) cleaner.idle();
  };

  return {
    hold(paths) {
      const own: string[] = [];
      const absent = new Set<string>();
      const fresh: Held[] = [];
      try {
        for (const place of paths) {
          const known = held.get(place);
          if (known) known.users++;
          else {
            const entered = enter(place, mark);
            if (entered === 'impossible') absent.add(place);
            if (typeof entered === 'string') continue;
            held.set(place, { ...entered, users: 1 });
            fresh.push(entered);
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
function enter(place: string, mark: string): Held | 'exists' | 'impossible' {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (makeFolder(place)) {
      const made = fs.lstatSync(nativePath(place), { throwIfNoEntry: false });
      // Not looked into: what somebody has put into it meanwhile keeps rmdir(2) from removing it.
      if (made && looksLikePlaceholder(made)) return { place, role: 'maker', id: made };
      continue; // Exchanged already.
    }
    const stat = fs.lstatSync(nativePath(place), { throwIfNoEntry: false });
    if (!stat) {
      if (cannotBeMade(place)) return 'impossible';
      continue;
    }
    if (!isPlaceholder(place, stat)) return 'exists';
    const descriptor = openFolderOf(place, stat);
    if (descriptor === null) continue;
    try {
      const inside = folderOf(descriptor);
      const marks = marksIn(inside);
      if (marks === null) return 'exists';
      for (const other of marks) if (markIsAbandoned(inside, other)) removeFolder(path.join(inside, other));
      if (makeFolder(path.join(inside, mark))) {
        if (isAbandoned(stat)) fs.fchmodSync(descriptor, LEFT_MODE);
        return { place, role: 'guest', id: stat };
      }
    } finally {
      fs.closeSync(descriptor);
    }
  }
  throw sandboxRefused(`cannot protect ${place}: another program keeps removing it`);
}

/** False when it exists, or when what it would be in does not, or does not let us. */
function makeFolder(place: string): boolean {
  try {
    fs.mkdirSync(nativePath(place), PLACEHOLDER_MODE);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && NOT_MADE.has(code)) return false;
    throw sandboxRefused(`cannot protect ${place}: ${(error as Error).message}`);
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
    throw sandboxRefused(`cannot protect ${place}: ${parent} is yours but not writable; chmod u+wx it`);
  }
}

/** Leaves alone what has come to stand there instead. */
function leave({ place, role, id }: Held, mark: string): void {
  const descriptor = openFolderOf(place, id);
  if (descriptor === null) return;
  try {
    if (role === 'guest') {
      removeFolder(path.join(folderOf(descriptor), mark));
      if (!isLeft(fs.fstatSync(descriptor))) return; // Its maker is still here, and removes it.
    }
    if (removeFolder(place)) return;
    // Somebody made it theirs: then it must not look like a placeholder any more.
    if (marksIn(folderOf(descriptor)) === null) return fs.fchmodSync(descriptor, PLACEHOLDER_MODE & ~STICKY);
    fs.fchmodSync(descriptor, LEFT_MODE);
    // Again, for guests that left before they could see that.
    removeFolder(place);
  } finally {
    closeLater(descriptor);
  }
}

/**
 * The name is gone with rmdir(2), the folder itself with its last descriptor. On ext4 that takes up to a millisecond,
 * and more where the journal is busy: the command's answer goes first.
 */
function closeLater(descriptor: number): void {
  setImmediate(() => fs.closeSync(descriptor));
}

/** A path that leads to an open folder wherever it lies. */
const folderOf = (descriptor: number): string => `/proc/self/fd/${descriptor}`;

function removeFolder(place: string): boolean {
  try {
    fs.rmdirSync(nativePath(place));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') return false;
    throw error;
  }
}
