/**
 * Lets go of placeholders when the daemon is killed (placeholders.ts).
 *
 * One small shell, started with the first placeholder and ended some seconds after the last one. It is told what is
 * held and knows that the daemon is gone, however it went, by the end of its pipe.
 */
import type { ChildProcess } from 'node:child_process';
import { encodePath } from '../../system/files/path-bytes.js';
import { startProgram } from '../../system/programs/start-program.js';
import { systemProgram } from '../../system/programs/system-program.js';
import { LEFT_MODE, MARK_PREFIX, PLACEHOLDER_MODE, STICKY, type FolderId } from '../policy/placeholder-marks.js';

/** `Held` of placeholders.ts. */
interface HeldFolder {
  readonly place: string;
  readonly role: 'maker' | 'guest';
  readonly id: FolderId;
}

export interface Cleaner {
  /** To be called once they are held. */
  remember(held: readonly HeldFolder[]): void;
  /** To be called before they are let go. */
  forget(held: readonly HeldFolder[]): void;
  /** Nothing is held at the moment. */
  idle(): void;
}

/** The shell is kept for the next command this long after the last one. */
const LINGER_MS = 5000;

/** `mark`: the name of the folder that this daemon puts into the placeholders of others. */
export function createCleaner(mark: string): Cleaner {
  const lines = new Map<string, string>();
  let shell: ChildProcess | null = null;
  let linger: NodeJS.Timeout | undefined;

  const tell = (text: readonly string[]): void => {
    if (text.length) shell?.stdin?.write(encodePath(text.join('')));
  };
  const start = (): void => {
    const started = startShell(mark);
    shell = started;
    const lost = (): void => {
      if (shell === started) shell = null; // The next command starts another, which learns of all that is held.
    };
    started.once('error', lost);
    started.once('exit', lost);
    started.stdin?.on('error', lost);
  };
  return {
    remember(held) {
      const fresh = held.flatMap((one): [string, string][] =>
        fitsALine(one.place) ? [[one.place, `+${lineOf(one)}`]] : [],
      );
      if (!fresh.length) return;
      clearTimeout(linger);
      for (const [place, line] of fresh) lines.set(place, line);
      if (shell) return tell(fresh.map(([, line]) => line));
      start();
      tell([...lines.values()]);
    },
    forget(held) {
      tell(held.flatMap((one) => (lines.delete(one.place) ? [`-${lineOf(one)}`] : [])));
    },
    idle() {
      clearTimeout(linger);
      linger = setTimeout(() => {
        shell?.stdin?.end();
        shell = null;
      }, LINGER_MS).unref();
    },
  };
}

const lineOf = ({ role, id, place }: HeldFolder): string => `${role} ${id.dev}:${id.ino} ${place}\n`;

/** A path with a line break in it is left to the next command in the same root. */
const fitsALine = (place: string): boolean => !place.includes('\n');

function startShell(mark: string): ChildProcess {
  const child = startProgram(systemProgram('sh'), ['-c', SCRIPT, 'codexd-placeholders', mark], {
    // A session of its own: ^C in the daemon's terminal is not for it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Neither the process nor the pipe keeps the daemon's event loop alive.
  child.unref();
  (child.stdin as { unref?(): void } | null)?.unref?.();
  return child;
}

const modeWord = (mode: number): string => mode.toString(8).padStart(4, '0');

/**
 * $1: the mark. Keeps the lines of what is held; at the end of its input waits for the kernel to end the daemon's
 * sandboxes, and does with each what `leave` of placeholders.ts does: from inside of the folder, and only when it is
 * the very one, so that a link in its place changes nothing.
 */
const SCRIPT = `
mark=$1
nl='
'
held=$nl
while IFS= read -r line; do
  rest=\${line#?}
  case $line in
    +*) held="$held$rest$nl" ;;
    -*)
      case $held in
        *"$nl$rest$nl"*) held="\${held%%"$nl$rest$nl"*}$nl\${held#*"$nl$rest$nl"}" ;;
      esac ;;
  esac
done
[ "$held" = "$nl" ] && exit 0
sleep 0.3
printf %s "$held" | while IFS= read -r line; do
  rest=\${line#* }
  id=\${rest%% *}
  place=\${rest#* }
  cd -P -- "$place" && [ "$(stat -c %d:%i .)" = "$id" ] || continue
  case $line in
    maker*)
      rmdir -- "$place" && continue
      if ls -A | grep -qv '^${MARK_PREFIX}'; then
        chmod ${modeWord(PLACEHOLDER_MODE & ~STICKY)} .
      else
        chmod ${modeWord(LEFT_MODE)} .
        rmdir -- "$place"
      fi ;;
    guest*)
      rmdir -- "$mark"
      [ -u . ] && rmdir -- "$place" ;;
  esac
done
`;
