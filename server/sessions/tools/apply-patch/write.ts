/**
 * Writes a planned patch to disk, with commands in the turn's own sandbox.
 *
 * Threat: a path leads out of the writable roots by a link, or is replaced by a link after it was checked. Rule:
 * nothing is judged here, and the daemon itself writes nothing; the sandbox's kernel refuses. Every change goes to the
 * place to which its path led before it was read (`Pin`). This also applies to changes that a person allowed outside of
 * the sandbox: the writer enters the folder first, and stops if it is another folder now.
 */
import { putFileArgv, putPinnedArgv, removeFileArgv, removePinnedArgv } from '../../../system/programs/file-scripts.js';
import { placeOf, type Pin } from './pin.js';
import type { PlannedChange } from './plan-patch.js';

/** Runs a program under the turn's permissions. `input` is its standard input. */
export type RunSandboxed = (
  argv: readonly string[],
  input: string,
) => Promise<{ readonly exitCode: number; readonly stderr: string }>;

export interface Written {
  /** The changes on disk, in the order of the patch. */
  readonly done: readonly PlannedChange[];
  /** Why the change after the last one of `done` failed; no later one was tried. Null: all succeeded. */
  readonly failure: string | null;
}

/** The paths that a person allowed to change outside of the sandbox, and the function that runs their commands. */
export interface Approved {
  readonly paths: ReadonlySet<string>;
  readonly run: RunSandboxed;
}

/** One change after the other, in order. Changes after a failure are not made. */
export async function writeChanges(
  changes: readonly PlannedChange[],
  run: RunSandboxed,
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

/** `content` null: removes the file. */
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

const commandFor = ({ content, pin: { written, removed } }: Step): readonly string[] =>
  content === null ? removeFileArgv(placeOf(removed)) : putFileArgv(placeOf(written), written.folder);

const pinnedCommandFor = ({ content, pin: { written, removed } }: Step): readonly string[] =>
  content === null ? removePinnedArgv(removed.name, removed.folder) : putPinnedArgv(written.name, written.folder);

/**
 * The output for the model: added files, then modified ones, then deleted ones, with the names of the patch
 * (docs/protocol/turns.md §5).
 */
export function summary(changes: readonly Pick<PlannedChange, 'kind' | 'written'>[]): string {
  const of = (kind: PlannedChange['kind'], letter: string): string =>
    changes.flatMap((change) => (change.kind === kind ? [`${letter} ${change.written}\n`] : [])).join('');
  return `Success. Updated the following files:\n${of('add', 'A')}${of('update', 'M')}${of('delete', 'D')}`;
}
