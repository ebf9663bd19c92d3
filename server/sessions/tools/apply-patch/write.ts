/**
 * Puts a planned patch on disk, through commands that the turn's own sandbox holds.
 *
 * Threat: a path that leads out of the writable roots by a link, or that is exchanged for one after it was looked at.
 * Rule: nothing is judged here and nothing is written by the daemon itself; the sandbox's kernel says no.
 */
import path from 'node:path';
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

const PUT = 'mkdir -p -- "$2" && cat > "$1"';
const MOVE = `${PUT} && rm -- "$3"`;

/** In order, one after the other: what comes behind a failure is left alone. */
export async function writeChanges(changes: readonly PlannedChange[], run: RunHeld): Promise<Written> {
  const done: PlannedChange[] = [];
  for (const change of changes) {
    const { argv, input } = commandFor(change);
    const { exitCode, stderr } = await run(argv, input);
    if (exitCode !== 0) {
      const verb = change.kind === 'delete' ? 'delete' : 'write';
      const why = stderr.trim().replace(/^(?:\/bin\/)?sh: (?:line )?\d+: /, '') || `exit code ${exitCode}`;
      return { done, failure: `Failed to ${verb} file ${change.path}: ${why}` };
    }
    done.push(change);
  }
  return { done, failure: null };
}

function commandFor(change: PlannedChange): { readonly argv: readonly string[]; readonly input: string } {
  const shell = (script: string, ...args: string[]): readonly string[] => ['/bin/sh', '-c', script, 'sh', ...args];
  if (change.kind === 'delete') return { argv: shell('rm -- "$1"', change.path), input: '' };
  if (change.kind === 'update' && change.moveTo !== null) {
    return { argv: shell(MOVE, change.moveTo, path.dirname(change.moveTo), change.path), input: change.content };
  }
  return { argv: shell(PUT, change.path, path.dirname(change.path)), input: change.content };
}

/** What the model reads: added files, then modified ones, then deleted ones, as the patch names them (spec/turns.md §5). */
export function summary(changes: readonly PlannedChange[]): string {
  const of = (kind: PlannedChange['kind'], letter: string): string =>
    changes.flatMap((change) => (change.kind === kind ? [`${letter} ${change.written}\n`] : [])).join('');
  return `Success. Updated the following files:\n${of('add', 'A')}${of('update', 'M')}${of('delete', 'D')}`;
}
