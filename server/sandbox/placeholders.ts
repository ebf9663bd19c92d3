/**
 * Folders that stand on the host where a protected path is missing, while commands run that must not create it.
 *
 * Threat: a missing `.git` or `.codex` in a writable root could be made by the command. Only a mount prevents that, a
 * mount needs something to be mounted on, and union mounts that would do without are neither in older bubblewraps nor
 * safe over a folder that others change. So an empty folder is made on the host for as long as a command needs it. If it
 * went away under a running sandbox the kernel would drop the mount there, and with it the protection; if it stayed
 * behind it would be taken for a repository or a project.
 * Rule: a placeholder carries the sticky bit, which tells it from the user's own folders from the first moment, and holds
 * one empty folder for every daemon that needs it (its mark): rmdir(2) refuses a folder that is not empty, so the last
 * one to leave removes it, atomically and without locks, however many daemons work in the same place. Nothing is ever
 * removed but by rmdir: what somebody has put into a placeholder stays.
 * When the daemon is killed, a small shell that waits for the end of its pipe removes what is left; should that be killed
 * too, the next command in the same root of any daemon clears marks of the dead.
 * Scope: daemons of one user; how their marks are told apart is placeholder-marks.ts.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { isPlaceholder, marksIn, newMark, ownerLives, PLACEHOLDER_MODE, STICKY } from './placeholder-marks.js';
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

/** One a daemon process. */
export function createPlaceholders(warn: (message: string) => void): Placeholders {
  const held = new Map<string, number>();
  const cleaner = createCleaner();
  let mark: string | undefined;

  const leave = (place: string): void => {
    const users = held.get(place) ?? 0;
    if (users > 1) return void held.set(place, users - 1);
    held.delete(place);
    try {
      remove(place, mark as string);
    } catch (error) {
      warn(`the placeholder ${place} cannot be removed: ${(error as Error).message}`);
    }
    cleaner.idle(held.size === 0);
  };

  return {
    hold(paths) {
      const own: string[] = [];
      const absent = new Set<string>();
      let released = false;
      const release = (): void => {
        if (released) return;
        released = true;
        own.forEach(leave);
      };
      try {
        for (const place of paths) {
          const users = held.get(place) ?? 0;
          if (users === 0) {
            mark ??= newMark();
            cleaner.watch(place, mark);
            const outcome = make(place, mark);
            if (outcome === 'impossible') absent.add(place);
            if (outcome !== 'made') continue;
          }
          held.set(place, users + 1);
          own.push(place);
        }
      } catch (error) {
        release();
        throw error;
      }
      return { absent, release };
    },
  };
}

/** Another daemon may remove the placeholder between our looking and our marking; it cannot do so for ever. */
const MAX_TRIES = 100;

/** `impossible`: this user cannot make it, so neither can its commands. */
function make(place: string, mark: string): 'made' | 'exists' | 'impossible' {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (!makeFolder(place)) {
      const stat = fs.lstatSync(place, { throwIfNoEntry: false });
      if (!stat) {
        if (cannotBeMade(place)) return 'impossible';
        continue;
      }
      const inside = isPlaceholder(place, stat) ? marksIn(place) : null;
      if (inside === null) return 'exists';
      for (const other of inside)
        if (other !== mark && !ownerLives(place, other)) removeFolder(path.join(place, other));
    }
    if (makeFolder(path.join(place, mark)) || fs.existsSync(path.join(place, mark))) return 'made';
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
    if (code === 'EEXIST' || code === 'ENOENT' || code === 'EACCES' || code === 'EROFS' || code === 'EPERM')
      return false;
    throw new SandboxError(`cannot protect ${place}: ${(error as Error).message}`);
  }
}

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

function remove(place: string, mark: string): void {
  removeFolder(path.join(place, mark));
  if (removeFolder(place)) return;
  // Still in use, or somebody made it theirs: then it must not look like a placeholder any more.
  if (marksIn(place) === null) fs.chmodSync(place, PLACEHOLDER_MODE & ~STICKY);
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

interface Cleaner {
  /** Has a placeholder removed should this process die, from before it is made. */
  watch(place: string, mark: string): void;
  /** `true`: nothing is held at the moment. */
  idle(nothingHeld: boolean): void;
}

/** No line of a mark and a path looks like this. */
const FAREWELL = 'nothing';

/** The shell is kept for the next command this long after the last one. */
const CLEANER_LINGER_MS = 5000;

function createCleaner(): Cleaner {
  let shell: ChildProcess | null = null;
  let known = new Set<string>();
  let linger: NodeJS.Timeout | undefined;

  const start = (): ChildProcess => {
    const child = spawn('/bin/sh', ['-c', CLEANER, 'codexd-placeholders'], {
      // A session of its own: ^C in the daemon's terminal is not for it.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
    });
    child.unref();
    (child.stdin as { unref?(): void } | null)?.unref?.();
    const lost = (): void => {
      if (shell === child) shell = null;
    };
    child.once('error', lost);
    child.once('exit', lost);
    child.stdin?.on('error', lost);
    known = new Set();
    return child;
  };
  return {
    watch(place, mark) {
      clearTimeout(linger);
      shell ??= start();
      // A line is a path; one with a line break in it is left to the next command in the same root.
      if (known.has(place) || place.includes('\n')) return;
      known.add(place);
      shell.stdin?.write(`${mark} ${place}\n`);
    },
    idle(nothingHeld) {
      clearTimeout(linger);
      if (!nothingHeld) return;
      linger = setTimeout(() => {
        // Without this word it would clean up, and could take the next command's marks for those of a dead daemon.
        shell?.stdin?.end(`${FAREWELL}\n`);
        shell = null;
      }, CLEANER_LINGER_MS).unref();
    },
  };
}

/**
 * Collects `MARK PATH` lines until the daemon is gone, waits for the kernel to end its sandboxes, and removes what is
 * there: empty folders only, and a placeholder only while it looks like one.
 */
const CLEANER = `
lines=
while IFS= read -r line; do
  [ "$line" = ${FAREWELL} ] && exit 0
  lines="$lines$line
"
done
sleep 0.3
printf %s "$lines" | while IFS= read -r line; do
  place=\${line#* }
  rmdir -- "$place/\${line%% *}"
  [ -k "$place" ] && rmdir -- "$place"
done
`;
