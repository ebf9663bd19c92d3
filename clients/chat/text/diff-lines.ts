/** Diffs of files as lines, safe to show. */
import type { FileUpdateChange } from '../../../schema/protocol/threads/item.js';
import { visibleLine, visibleText } from './safe-text.js';
import type { Styles } from './styles.js';

/** Each change with its file, the counts of its lines, and at most `most` lines of its diff. */
export function changeLines(
  changes: readonly FileUpdateChange[],
  styles: Styles,
  most: number | null,
  hint: string,
): string[] {
  return changes.flatMap(({ path, kind, diff }) => {
    const all = bodyOf(diff, kind.type);
    const [added, removed] = ['+', '-'].map((sign) => all.filter((line) => line.startsWith(sign)).length);
    const moved = kind.type === 'update' && kind.move_path ? ` → ${visibleLine(kind.move_path)}` : '';
    const head = `${WORDS[kind.type]} ${visibleLine(path)}${moved} ${styles.dim(`(+${added} -${removed})`)}`;
    const shown = most === null || all.length <= most + 1 ? all : all.slice(0, most);
    const rest = all.length - shown.length;
    return [
      styles.strong(head),
      ...shown.map((line) => `  ${diffLine(line, styles)}`),
      ...(rest > 0 ? [styles.dim(`  … ${rest} more lines (${hint})`)] : []),
    ];
  });
}

const WORDS = { add: 'new file', delete: 'delete', update: 'edit' } as const;

/** For a new and for a deleted file the diff is the text of the file. */
function bodyOf(diff: string, kind: FileUpdateChange['kind']['type']): string[] {
  const all = diff.replace(/\n$/, '').split('\n');
  if (kind === 'update' || all.some((line) => line.startsWith('@@'))) return all;
  return all.map((line) => (kind === 'add' ? `+${line}` : `-${line}`));
}

/** A line of a unified diff in its color. */
export function diffLine(line: string, styles: Styles): string {
  const text = visibleText(line).replaceAll('\t', '    ');
  if (line.startsWith('+++') || line.startsWith('---') || line.startsWith('diff ')) return styles.strong(text);
  if (line.startsWith('+')) return styles.good(text);
  if (line.startsWith('-')) return styles.bad(text);
  return line.startsWith('@@') ? styles.accent(text) : text;
}
