/**
 * Releases placeholders when the daemon is killed (placeholders.ts).
 *
 * One small shell starts with the first placeholder and ends some seconds after the last one. The daemon reports its
 * claims to the shell. The end of its pipe shows the shell that the daemon has ended, for any reason.
 */
import type { ChildProcess } from 'node:child_process';
import { encodePath } from '../../system/files/path-bytes.js';
import { startWatchingShell } from '../../system/programs/watching-shell.js';
import { LEFT_MODE, MARK_PREFIX, PLACEHOLDER_MODE, STICKY, type FolderId } from '../policy/placeholder-marks.js';

/** `Claim` of placeholders.ts. */
interface ClaimedFolder {
  readonly place: string;
  readonly role: 'maker' | 'guest';
  readonly id: FolderId;
}

export interface Cleaner {
  /** Call it once they are claimed. */
  remember(claims: readonly ClaimedFolder[]): void;
  /** Call it before they are released. */
  forget(claims: readonly ClaimedFolder[]): void;
  /** No placeholder is claimed at the moment. */
  idle(): void;
}

/** After the last command, the shell stays this long for the next one. */
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
    const started = startWatchingShell(SCRIPT, 'codexd-placeholders', mark);
    shell = started;
    const lost = (): void => {
      if (shell === started) shell = null; // The next command starts another shell, which learns all current claims.
    };
    started.once('error', lost);
    started.once('exit', lost);
    started.stdin?.on('error', lost);
  };
  return {
    remember(claims) {
      const fresh = claims.flatMap((one): [string, string][] =>
        fitsALine(one.place) ? [[one.place, `+${lineOf(one)}`]] : [],
      );
      if (!fresh.length) return;
      clearTimeout(linger);
      for (const [place, line] of fresh) lines.set(place, line);
      if (shell) return tell(fresh.map(([, line]) => line));
      start();
      tell([...lines.values()]);
    },
    forget(claims) {
      tell(claims.flatMap((one) => (lines.delete(one.place) ? [`-${lineOf(one)}`] : [])));
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

const lineOf = ({ role, id, place }: ClaimedFolder): string => `${role} ${id.dev}:${id.ino} ${place}\n`;

/** A path with a line break is left to the next command in the same root. */
const fitsALine = (place: string): boolean => !place.includes('\n');

const modeWord = (mode: number): string => mode.toString(8).padStart(4, '0');

/**
 * $1: the mark. Keeps the lines of the current claims. At the end of its input, it waits until the kernel has ended the
 * daemon's sandboxes. Then it handles each claim like `leave` of placeholders.ts: from inside of the folder, and only
 * if it is the same folder, so that a link at that path changes nothing.
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
