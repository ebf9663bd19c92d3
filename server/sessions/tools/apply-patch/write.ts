/**
 * Puts a planned patch on disk, through commands that the turn's own sandbox holds.
 *
 * Threat: a path that leads out of the writable roots by a link, or that is exchanged for one after it was looked at.
 * Rule: nothing is judged here and nothing is written by the daemon itself; the sandbox's kernel says no. Every change
 * goes to where its path led before it was read (`Pin`). What a person allowed outside of the sandbox, too: the folder
 * is entered first, and left alone when it is another one now.
 */
import { placeOf, type Pin } from './pin.js';
import type { PlannedChange } from './plan.js';

/** Runs a program under the turn's permissions. `input` is its standard input. */
export type RunHeld = (
  argv: readonly string[],
  input: string,
) => Promise<{ readonly exitCode: number; readonly stderr: string }>;

export interface Written {
  /** What is on disk now, in the order of the patch. */
  readonly done: readonly PlannedChange[];
  /** Why the change behind the last of `done` is not, and none behind it; null when all are. */
  readonly failure: string | null;
}

/** The paths of the changes that a person allowed outside of the sandbox, and how they are run. */
export interface Approved {
  readonly paths: ReadonlySet<string>;
  readonly run: RunHeld;
}

/** In order, one after the other: what comes behind a failure is left alone. */
export async function writeChanges(
  changes: readonly PlannedChange[],
  run: RunHeld,
  approved: Approved | null = null,
): Promise<Written> {
  const done: PlannedChange[] = [];
  for (const change of changes) {
    for (const step of stepsOf(change)) {
      const free = approved?.paths.has(step.path) === true;
      const argv = free ? pinnedCommandFor(step) : commandFor(step);
      const { exitCode, stderr } = await (free ? approved.run : run)(argv, step.content ?? '');
      if (exitCode === 0) continue;
      const verb = change.kind === 'delete' ? 'delete' : 'write';
      const why = stderr.trim().replace(/^(?:\/bin\/)?sh: (?:line )?\d+: /, '') || `exit code ${exitCode}`;
      return { done, failure: `Failed to ${verb} file ${change.path}: ${why}` };
    }
    done.push(change);
  }
  return { done, failure: null };
}

/** `content` null: the file goes. */
interface Step {
  readonly path: string;
  readonly pin: Pin;
  readonly content: string | null;
}

function stepsOf(change: PlannedChange): readonly Step[] {
  const { path, pin } = change;
  if (change.kind === 'delete') return [{ path, pin, content: null }];
  if (change.kind === 'add' || change.moveTo === null || change.movePin === null) {
    return [{ path, pin, content: change.content }];
  }
  return [
    { path: change.moveTo, pin: change.movePin, content: change.content },
    { path, pin, content: null },
  ];
}

const PUT = 'mkdir -p -- "$2" && cat > "$1"';
const REMOVE = 'rm -- "$1"';

const commandFor = ({ content, pin: { written, removed } }: Step): readonly string[] =>
  content === null ? shell(REMOVE, placeOf(removed)) : shell(PUT, placeOf(written), written.folder);

/**
 * `$1`: the name, `$2`: the folder. Once the folder is entered nobody can exchange it, and commands cannot exchange
 * what lies in it: they may not write there, or nobody would have been asked.
 */
const ENTER =
  'cd -P -- "$2" && { [ "$(pwd -P)" = "$2" ] || { echo "$2 leads elsewhere since it was approved" >&2; exit 1; }; }';
const PUT_PINNED = `mkdir -p -- "$2" && ${ENTER} && { [ ! -L "./$1" ] || { echo "$1 became a link since it was approved" >&2; exit 1; }; } && cat > "./$1"`;
const REMOVE_PINNED = `${ENTER} && rm -- "./$1"`;

function pinnedCommandFor({ content, pin: { written, removed } }: Step): readonly string[] {
  return content === null
    ? shell(REMOVE_PINNED, removed.name, removed.folder)
    : shell(PUT_PINNED, written.name, written.folder);
}

function shell(script: string, ...args: readonly string[]): readonly string[] {
  return ['/bin/sh', '-c', script, 'sh', ...args];
}

/**
 * What the model reads: added files, then modified ones, then deleted ones, as the patch names them
 * (docs/protocol/turns.md §5).
 */
export function summary(changes: readonly PlannedChange[]): string {
  const of = (kind: PlannedChange['kind'], letter: string): string =>
    changes.flatMap((change) => (change.kind === kind ? [`${letter} ${change.written}\n`] : [])).join('');
  return `Success. Updated the following files:\n${of('add', 'A')}${of('update', 'M')}${of('delete', 'D')}`;
}
