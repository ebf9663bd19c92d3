/** A unified diff as rows for a table: what each line is, and its numbers in both files. */

export interface DiffRow {
  readonly kind: 'add' | 'remove' | 'same' | 'hunk' | 'note';
  readonly text: string;
  /** Line numbers, from 1. Null: the line is not in that file. */
  readonly before: number | null;
  readonly after: number | null;
}

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** Reads a unified diff. A text without a hunk (the content of a new or deleted file) is `whole` lines. */
export function diffRows(diff: string, whole: 'add' | 'remove' = 'add'): readonly DiffRow[] {
  const lines = (diff.endsWith('\n') ? diff.slice(0, -1) : diff).split('\n');
  if (diff === '') return [];
  if (!lines.some((line) => HUNK.test(line))) {
    return lines.map((text, index) => ({
      kind: whole,
      text,
      before: whole === 'remove' ? index + 1 : null,
      after: whole === 'add' ? index + 1 : null,
    }));
  }
  const rows: DiffRow[] = [];
  let before = 0;
  let after = 0;
  let inside = false;
  for (const line of lines) {
    const hunk = HUNK.exec(line);
    if (hunk) {
      [before, after] = [Number(hunk[1]), Number(hunk[2])];
      inside = true;
      rows.push({ kind: 'hunk', text: line, before: null, after: null });
    } else if (!inside || line.startsWith('\\') || line.startsWith('diff ')) {
      if (line.startsWith('diff ')) inside = false;
      rows.push({ kind: 'note', text: line, before: null, after: null });
    } else if (line.startsWith('+')) rows.push({ kind: 'add', text: line.slice(1), before: null, after: after++ });
    else if (line.startsWith('-')) rows.push({ kind: 'remove', text: line.slice(1), before: before++, after: null });
    else rows.push({ kind: 'same', text: line.slice(1), before: before++, after: after++ });
  }
  return rows;
}

/** How many lines a diff adds and removes. */
export function diffCounts(rows: readonly DiffRow[]): { readonly added: number; readonly removed: number } {
  const of = (kind: DiffRow['kind']): number => rows.filter((row) => row.kind === kind).length;
  return { added: of('add'), removed: of('remove') };
}
