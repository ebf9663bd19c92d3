/** How changes are shown: per file in a fileChange item, and for a whole turn (spec/turns.md §5). */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { structuredPatch } from 'diff';
import type { FileUpdateChange } from '../../../../schema/item.js';
import type { PlannedChange } from './plan.js';

/** Sorted by path. */
export function wireChanges(changes: readonly PlannedChange[]): FileUpdateChange[] {
  return changes.map(wireChange).sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function wireChange(change: PlannedChange): FileUpdateChange {
  switch (change.kind) {
    case 'add':
      return { path: change.path, kind: { type: 'add' }, diff: change.content };
    case 'delete':
      return { path: change.path, kind: { type: 'delete' }, diff: change.before };
    case 'update': {
      const moved = change.moveTo === null ? '' : `\n\nMoved to: ${change.moveTo}`;
      const diff = hunks(change.before, change.content, ITEM_CONTEXT) + moved;
      return { path: change.path, kind: { type: 'update', move_path: change.moveTo }, diff };
    }
  }
}

const ITEM_CONTEXT = 1;
const TURN_CONTEXT = 3;

/** What a turn has changed so far, against what was there before it. */
export interface TurnDiff {
  add(changes: readonly PlannedChange[]): void;
  /** As git would show it; '' when everything is as it was. Null: nothing was ever changed. */
  text(): string | null;
}

/** `root`: what paths are shown relative to. */
export function createTurnDiff(root: string): TurnDiff {
  /** Per file of before: what it held, what it holds now, and where that is now. */
  const files = new Map<string, { before: string | null; now: string | null; at: string }>();
  let touched = false;
  const entryAt = (at: string, content: string | null) => {
    for (const entry of files.values()) if (entry.at === at && entry.now !== null) return entry;
    const fresh = files.get(at) ?? { before: content, now: content, at };
    files.set(at, fresh);
    return fresh;
  };
  return {
    add(changes) {
      touched ||= changes.length > 0;
      for (const change of changes) {
        const entry = entryAt(change.path, change.before);
        if (change.kind === 'delete') entry.now = null;
        else entry.now = change.content;
        if (change.kind !== 'update' || change.moveTo === null) continue;
        if (change.overwritten !== null) entryAt(change.moveTo, change.overwritten).now = null;
        entry.at = change.moveTo;
      }
    },
    text() {
      if (!touched) return null;
      const shown = [...files].map(([from, { before, now, at }]) => fileDiff(root, from, at, before, now));
      return shown.sort().join('');
    },
  };
}

function fileDiff(root: string, from: string, at: string, before: string | null, now: string | null): string {
  if (before === now && (from === at || now === null)) return '';
  const [a, b] = [from, at].map((file) => path.relative(root, file).split(path.sep).join('/'));
  const mode = before === null ? 'new file mode 100644\n' : now === null ? 'deleted file mode 100644\n' : '';
  const oldName = before === null ? '/dev/null' : `a/${a}`;
  const newName = now === null ? '/dev/null' : `b/${b}`;
  const head = `diff --git a/${a} b/${b}\n${mode}index ${blobId(before)}..${blobId(now)}\n`;
  return `${head}--- ${oldName}\n+++ ${newName}\n${hunks(before ?? '', now ?? '', TURN_CONTEXT)}`;
}

function hunks(before: string, now: string, context: number): string {
  const patch = structuredPatch('', '', before, now, '', '', { context });
  return patch.hunks
    .map(({ oldStart, oldLines, newStart, newLines, lines }) => {
      // An empty range names the line before it.
      const range = (start: number, count: number): string =>
        count === 1 ? `${start}` : `${count === 0 ? start - 1 : start},${count}`;
      const body = lines.map((line) => `${line}\n`).join('');
      return `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@\n${body}`;
    })
    .join('');
}

/** The name that git gives the content. */
function blobId(content: string | null): string {
  if (content === null) return '0'.repeat(40);
  const bytes = Buffer.from(content);
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
