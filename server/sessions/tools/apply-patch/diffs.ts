/** The diffs that clients see: for each file in a fileChange item, and for a whole turn (docs/protocol/turns.md §5). */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { FileUpdateChange } from '../../../../schema/protocol/threads/item.js';
import { createDiffBudget, lineHunks, type DiffBudget } from './line-diff.js';
import type { TurnDiff } from '../../runtime/turn-diff.js';
import type { PlannedChange } from './plan-patch.js';

/** Sorted by path. */
export function wireChanges(changes: readonly PlannedChange[]): FileUpdateChange[] {
  const budget = createDiffBudget();
  return changes
    .map((change) => wireChange(change, budget))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function wireChange(change: PlannedChange, budget: DiffBudget): FileUpdateChange {
  switch (change.kind) {
    case 'add':
      return { path: change.path, kind: { type: 'add' }, diff: change.content };
    case 'delete':
      return { path: change.path, kind: { type: 'delete' }, diff: change.before };
    case 'update': {
      const moved = change.moveTo === null ? '' : `\n\nMoved to: ${change.moveTo}`;
      const diff = lineHunks(change.before, change.content, ITEM_CONTEXT, budget) + moved;
      return { path: change.path, kind: { type: 'update', move_path: change.moveTo }, diff };
    }
  }
}

const ITEM_CONTEXT = 1;
const TURN_CONTEXT = 3;

/** `root`: paths are shown relative to it. */
export function createTurnDiff(root: string): TurnDiff {
  /** By original path: the content before, the content now, and the path now. */
  const files = new Map<string, TouchedFile>();
  let touched = false;
  const entryAt = (at: string, content: string | null) => {
    for (const entry of files.values()) if (entry.at === at && entry.now !== null) return entry;
    const fresh: TouchedFile = files.get(at) ?? { before: content, now: content, at, shown: null };
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
      const budget = createDiffBudget();
      return [...files]
        .map(([from, file]) => shownAs(root, from, file, budget))
        .sort()
        .join('');
    },
  };
}

/** `shown`: its last diff, and the contents from which it was made. */
interface TouchedFile {
  readonly before: string | null;
  now: string | null;
  at: string;
  shown: { readonly now: string | null; readonly at: string; readonly text: string } | null;
}

/** Files that this patch did not touch are not compared again. */
function shownAs(root: string, from: string, file: TouchedFile, budget: DiffBudget): string {
  const { before, now, at, shown } = file;
  if (shown !== null && shown.at === at && shown.now === now) return shown.text;
  const text = fileDiff(root, { from, at, before, now }, budget);
  file.shown = { now, at, text };
  return text;
}

interface Compared {
  readonly from: string;
  readonly at: string;
  readonly before: string | null;
  readonly now: string | null;
}

function fileDiff(root: string, { from, at, before, now }: Compared, budget: DiffBudget): string {
  if (before === now && (from === at || now === null)) return '';
  const [a, b] = [from, at].map((file) => path.relative(root, file).split(path.sep).join('/'));
  const mode = before === null ? 'new file mode 100644\n' : now === null ? 'deleted file mode 100644\n' : '';
  const oldName = before === null ? '/dev/null' : `a/${a}`;
  const newName = now === null ? '/dev/null' : `b/${b}`;
  const head = `diff --git a/${a} b/${b}\n${mode}index ${blobId(before)}..${blobId(now)}\n`;
  return `${head}--- ${oldName}\n+++ ${newName}\n${lineHunks(before ?? '', now ?? '', TURN_CONTEXT, budget)}`;
}

/** The id that git gives the content. */
function blobId(content: string | null): string {
  if (content === null) return '0'.repeat(40);
  const bytes = Buffer.from(content);
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
