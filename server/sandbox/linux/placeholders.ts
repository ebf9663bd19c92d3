/**
 * Creates folders on the host where a protected path is missing, while commands run that must not create it.
 *
 * Threat: a command could create a missing `.git` or `.codex` in a writable root. Only a mount prevents that, and a
 * mount needs a mount point. (Union mounts need none, but older bubblewraps lack them, and they are not safe over a
 * folder that others change.) So the daemon creates an empty folder on the host for as long as a command needs it. If
 * the folder disappeared under a running sandbox, the kernel would drop the mount, and the protection with it. If it
 * stayed behind, it would look like a repository or a project. Rule: a placeholder carries the sticky bit, which
 * distinguishes it from the user's folders from its first moment. The daemon that created it (its maker) removes it. A
 * daemon that finds it puts an empty folder into it (a mark), and removes the mark later. rmdir(2) refuses a folder
 * that is not empty, so a placeholder stays while anybody needs it, without locks. A maker that cannot remove it for
 * this reason sets a special mode, and the process that removes the last mark removes the placeholder. Only rmdir
 * removes anything: what somebody has put into a placeholder stays. Another command may put something else in its
 * place, such as a link to a private file. So changes are made only through a descriptor of exactly the folder (device
 * and inode) that was created or marked. When the daemon is killed, a small shell that waits for the end of its pipe
 * releases the placeholders instead. Scope: daemons of one user. When daemon and shell are both killed, the next
 * command in the same root cleans up, after a day or a reboot. Until then it is an empty folder.
 *
 * Creation and removal cost about 90 µs for each name on ext4, before and after every command that may write.
 */
import { messageOf } from '../../errors/message-of.js';
import fs from 'node:fs';
import path from 'node:path';
import { osCode } from '../../errors/os-code.js';
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
   * Makes sure that every path exists, as a placeholder if necessary. Throws `sandbox.refused` when a path cannot be
   * claimed although commands could create it.
   */
  claim(paths: readonly string[]): ClaimedPlaceholders;
}

export interface ClaimedPlaceholders {
  /** Paths that still do not exist, because neither the daemon nor commands can create them. */
  readonly absent: ReadonlySet<string>;
  /** Releases the claims. Idempotent, never throws. */
  release(): void;
}

/** `id`: identifies the folder, because another file may later be at the path, which the daemon must not change. */
export interface Claim {
  readonly place: string;
  readonly role: 'maker' | 'guest';
  readonly id: FolderId;
}

/** One for each daemon process. */
export function createPlaceholders(warn: (message: string) => void): Placeholders {
  const claims = new Map<string, Claim & { users: number }>();
  const mark = newMark();
  const cleaner = createCleaner(mark);

  const letGo = (places: readonly string[]): void => {
    const last: Claim[] = [];
    for (const place of places) {
      const entry = claims.get(place);
      if (!entry || --entry.users > 0) continue;
      claims.delete(place);
      last.push(entry);
    }
    // Before their removal: the shell must never treat another daemon's placeholder at the same path as ours.
    cleaner.forget(last);
    for (const one of last) {
      try {
        leave(one, mark);
      } catch (error) {
        warn(`the placeholder ${one.place} cannot be removed: ${messageOf(error)}`);
      }
    }
    if (claims.size === 0) cleaner.idle();
  };

  return {
    claim(paths) {
      const own: string[] = [];
      const absent = new Set<string>();
      const fresh: Claim[] = [];
      try {
        for (const place of paths) {
          const known = claims.get(place);
          if (known) known.users++;
          else {
            const entered = enter(place, mark);
            if (entered === 'impossible') absent.add(place);
            if (typeof entered === 'string') continue;
            claims.set(place, { ...entered, users: 1 });
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

/** Another daemon may remove a placeholder between our check and our mark; it cannot do so forever. */
const MAX_TRIES = 100;

/** `exists`: as something else. `impossible`: this user cannot create it, so its commands cannot either. */
function enter(place: string, mark: string): Claim | 'exists' | 'impossible' {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (makeFolder(place)) {
      const made = fs.lstatSync(nativePath(place), { throwIfNoEntry: false });
      // Its content does not matter: anything in it keeps rmdir(2) from removing it.
      if (made && looksLikePlaceholder(made)) return { place, role: 'maker', id: made };
      continue; // Already replaced.
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

/** Returns false when it exists, or when its parent is missing or not writable. */
function makeFolder(place: string): boolean {
  try {
    fs.mkdirSync(nativePath(place), PLACEHOLDER_MODE);
    return true;
  } catch (error) {
    const code = osCode(error);
    if (code !== undefined && NOT_MADE.has(code)) return false;
    throw sandboxRefused(`cannot protect ${place}: ${messageOf(error)}`);
  }
}
const NOT_MADE: ReadonlySet<string> = new Set(['EEXIST', 'ENOENT', 'EACCES', 'EROFS', 'EPERM']);

/**
 * Nobody can create anything on a read-only file system. Commands cannot write in a folder of another user that the
 * daemon may not write. A folder of this user they could first make writable.
 */
function cannotBeMade(place: string): boolean {
  const parent = path.dirname(place);
  try {
    fs.accessSync(parent, fs.constants.W_OK | fs.constants.X_OK);
    return false;
  } catch (error) {
    if (osCode(error) === 'EROFS') return true;
    const stat = fs.statSync(parent, { throwIfNoEntry: false });
    if (!stat || stat.uid !== process.getuid?.()) return true;
    throw sandboxRefused(`cannot protect ${place}: ${parent} is yours but not writable; chmod u+wx it`);
  }
}

/** Does not touch a file that is at the path now. */
function leave({ place, role, id }: Claim, mark: string): void {
  const descriptor = openFolderOf(place, id);
  if (descriptor === null) return;
  try {
    if (role === 'guest') {
      removeFolder(path.join(folderOf(descriptor), mark));
      if (!isLeft(fs.fstatSync(descriptor))) return; // Its maker is still here, and removes it.
    }
    if (removeFolder(place)) return;
    // Somebody has put something into it: then it must not look like a placeholder any more.
    if (marksIn(folderOf(descriptor)) === null) return fs.fchmodSync(descriptor, PLACEHOLDER_MODE & ~STICKY);
    fs.fchmodSync(descriptor, LEFT_MODE);
    // Again, for marks whose owners left before they could see the mode.
    removeFolder(place);
  } finally {
    closeElsewhere(descriptor);
  }
}

/**
 * rmdir(2) removes the name; the folder itself goes with its last descriptor. On ext4 that takes up to a millisecond,
 * and more with a busy journal: a thread waits for it, and neither the command's answer nor the next command does.
 */
function closeElsewhere(descriptor: number): void {
  fs.close(descriptor);
}

/** A path that leads to an open folder wherever it lies. */
const folderOf = (descriptor: number): string => `/proc/self/fd/${descriptor}`;

function removeFolder(place: string): boolean {
  try {
    fs.rmdirSync(nativePath(place));
    return true;
  } catch (error) {
    const code = osCode(error);
    if (code === 'ENOENT') return true;
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') return false;
    throw error;
  }
}
