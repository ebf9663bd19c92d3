/**
 * Finds the hunks between two texts, in a time that does not depend on their differences.
 *
 * Threat: finding the shortest difference takes time in the square of its length; a patch of 6000 changed lines blocked
 * all clients for 40 seconds. Rule: the search has a budget. If the budget is spent, the difference is one hunk: the
 * old lines, then the new ones.
 */
import { structuredPatch } from 'diff';

/** How many steps the search may still take, for all files that are shown together. */
export interface DiffBudget {
  left: number;
}

/** About 50 ms of one core. */
export const createDiffBudget = (): DiffBudget => ({ left: 90_000 });

/** For one file: the longest difference that is searched, in removed and added lines. */
const MAX_EDIT_LENGTH = 300;
/** In characters of both texts: longer texts are first reduced to the part that differs. */
const SMALL = 256 * 1024;

/** As in a unified diff, with `context` lines around each change; '' if the texts are equal. */
export function lineHunks(before: string, now: string, context: number, budget: DiffBudget): string {
  if (before === now) return '';
  const cut = before.length + now.length > SMALL ? cutAlike(before, now, context) : NOTHING_CUT;
  const [from, to] = [before, now].map((text) => text.slice(cut.start, text.length - cut.end));
  const found = search(from ?? '', to ?? '', context, budget) ?? [wholeReplaced(from ?? '', to ?? '', context)];
  return found.map((hunk) => written(hunk, cut.lines)).join('');
}

interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  readonly lines: readonly string[];
}

/** Null: the budget is not enough. */
function search(before: string, now: string, context: number, budget: DiffBudget): readonly Hunk[] | null {
  const length = before.length + now.length;
  const most = Math.min(MAX_EDIT_LENGTH, Math.floor(Math.sqrt(Math.max(0, budget.left))));
  if (most === 0 || length > 4 * SMALL) return null;
  const patch = structuredPatch('', '', before, now, '', '', { context, maxEditLength: most });
  const changed = patch?.hunks.reduce((sum, { lines }) => sum + lines.filter((line) => /^[-+]/.test(line)).length, 0);
  // Comparing long lines costs more than comparing short ones.
  budget.left -= (changed ?? most) ** 2 + length / 64;
  return patch?.hunks ?? null;
}

function wholeReplaced(before: string, now: string, context: number): Hunk {
  const [old, fresh] = [linesOf(before), linesOf(now)];
  const shorter = Math.min(old.length, fresh.length);
  let head = 0;
  while (head < shorter && old[head] === fresh[head]) head++;
  let tail = 0;
  while (tail < shorter - head && old[old.length - 1 - tail] === fresh[fresh.length - 1 - tail]) tail++;
  const first = Math.max(0, head - context);
  const behind = Math.min(tail, context);
  const part = (mark: string, lines: readonly string[], start: number, end: number): string[] =>
    lines
      .slice(start, end)
      .flatMap((line) => (line.endsWith('\n') ? [mark + line.slice(0, -1)] : [mark + line, NO_NEWLINE]));
  return {
    oldStart: first + 1,
    oldLines: old.length - tail + behind - first,
    newStart: first + 1,
    newLines: fresh.length - tail + behind - first,
    lines: [
      ...part(' ', old, first, head),
      ...part('-', old, head, old.length - tail),
      ...part('+', fresh, head, fresh.length - tail),
      ...part(' ', old, old.length - tail, old.length - tail + behind),
    ],
  };
}

const NO_NEWLINE = '\\ No newline at end of file';

/** Each with its newline. */
function linesOf(text: string): string[] {
  const lines: string[] = [];
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    lines.push(text.slice(at, end === -1 ? text.length : end + 1));
    at = end === -1 ? text.length : end + 1;
  }
  return lines;
}

interface Cut {
  /** In characters: whole lines. */
  readonly start: number;
  readonly end: number;
  /** The number of lines in `start`. */
  readonly lines: number;
}

const NOTHING_CUT: Cut = { start: 0, end: 0, lines: 0 };

/** In characters: how many are compared at once. */
const BLOCK = 4096;

/** The common beginning and end of both texts, except for `context` lines. */
function cutAlike(before: string, now: string, context: number): Cut {
  const shorter = Math.min(before.length, now.length);
  let head = 0;
  while (head + BLOCK <= shorter && before.slice(head, head + BLOCK) === now.slice(head, head + BLOCK)) head += BLOCK;
  while (head < shorter && before.charCodeAt(head) === now.charCodeAt(head)) head++;
  let tail = 0;
  const most = shorter - head;
  const blockAt = (text: string): string => text.slice(text.length - tail - BLOCK, text.length - tail);
  while (tail + BLOCK <= most && blockAt(before) === blockAt(now)) tail += BLOCK;
  while (tail < most && before.charCodeAt(before.length - 1 - tail) === now.charCodeAt(now.length - 1 - tail)) tail++;
  let start = before.lastIndexOf('\n', head - 1) + 1;
  if (head === 0) start = 0;
  for (let n = 0; n < context && start > 0; n++) start = start === 1 ? 0 : before.lastIndexOf('\n', start - 2) + 1;
  // The first line of the common end may be incomplete.
  let end = before.indexOf('\n', before.length - tail) + 1 || before.length;
  for (let n = 0; n < context && end < before.length; n++) end = before.indexOf('\n', end) + 1 || before.length;
  let lines = 0;
  for (let at = before.indexOf('\n'); at !== -1 && at < start; at = before.indexOf('\n', at + 1)) lines++;
  return { start, end: before.length - end, lines };
}

function written({ oldStart, oldLines, newStart, newLines, lines }: Hunk, above: number): string {
  // An empty range names the line before it.
  const range = (start: number, count: number): string =>
    count === 1 ? `${start + above}` : `${(count === 0 ? start - 1 : start) + above},${count}`;
  const body = lines.map((line) => `${line}\n`).join('');
  return `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@\n${body}`;
}
