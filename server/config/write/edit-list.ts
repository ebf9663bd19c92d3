import { lineEnd, scanItems, skipBlanks } from '../toml/scan.js';
import { sameValue } from '../toml/value.js';
import { renderInline } from './render.js';
import type { Span } from '../toml/scan.js';
import type { TomlValue } from '../toml/value.js';

/** A replacement in the original text. */
export interface Change extends Span {
  readonly by: string;
  /** Whether the text begins with a header: then other changes at the same offset come first. */
  readonly opensSection?: boolean;
}

/**
 * The changes of a list that spans several lines: the lines of unchanged items stay, with their comments. `list`: the
 * span of `[…]`, with the items `old`.
 */
export function editList(text: string, list: Span, old: readonly TomlValue[], value: readonly TomlValue[]): Change[] {
  const items = scanItems(text, list);
  const head = commonHead(old, value);
  const tail = commonTail(old, value, head);
  const leaving = items.slice(head, items.length - tail);
  const coming = value.slice(head, value.length - tail).map(renderInline);
  // Old items are replaced by new ones in order; the remaining items are removed or inserted.
  const changes: Change[] = leaving.map((item, index) => {
    const by = coming[index];
    return by === undefined ? { ...itemWithComma(text, item, list), by: '' } : { ...item, by };
  });
  const extra = coming.slice(leaving.length);
  if (extra.length === 0) return changes;
  const before = items[head + leaving.length - 1];
  return [
    ...changes,
    ...(before === undefined ? atBeginning(text, list, items, extra) : behind(text, list, items, before, extra)),
  ];
}

function atBeginning(text: string, list: Span, items: readonly Span[], extra: readonly string[]): Change[] {
  const [next] = items;
  const indent = next === undefined ? '  ' : indentOf(text, next.start);
  const lines = extra.map((item) => `\n${indent}${item},`).join('');
  const at = list.start + 1;
  return [{ start: at, end: at, by: next === undefined && text[at] !== '\n' ? `${lines}\n` : lines }];
}

/** Inserts after the line of the item before, so that a comment stays with its item. */
function behind(text: string, list: Span, items: readonly Span[], before: Span, extra: readonly string[]): Change[] {
  const indent = indentOf(text, items[0]?.start ?? before.start);
  const next = skipBlanks(text, before.end);
  const hasComma = text[next] === ',';
  const rest = hasComma ? next + 1 : before.end;
  const comment = /^[ \t]*#[^\r\n]*/.exec(text.slice(rest, Math.min(lineEnd(text, rest), list.end)))?.[0] ?? '';
  const at = rest + comment.length;
  const lines = extra.map((item) => `\n${indent}${item}`).join(',');
  const changes: Change[] = hasComma ? [] : [{ start: before.end, end: before.end, by: ',' }];
  changes.push({ start: at, end: at, by: before === items.at(-1) && !hasComma ? lines : `${lines},` });
  return changes;
}

/** An item with its comma; an item that is alone on its line, with the line. */
function itemWithComma(text: string, item: Span, list: Span): Span {
  const next = skipBlanks(text, item.end);
  const end = text[next] === ',' ? next + 1 : item.end;
  const indent = indentOf(text, item.start);
  const ownLine = text[item.start - indent.length - 1] === '\n';
  const nothingBehind = text.slice(end, lineEnd(text, end)).trim() === '';
  if (!ownLine || !nothingBehind || lineEnd(text, end) > list.end) return { start: item.start, end };
  return { start: item.start - indent.length, end: lineEnd(text, end) };
}

/** The blanks before an offset in its line; '' if the line has other characters before it. */
export function indentOf(text: string, at: number): string {
  const line = text.lastIndexOf('\n', at - 1) + 1;
  const before = text.slice(line, at);
  return before.trim() === '' ? before : '';
}

function commonHead(old: readonly TomlValue[], value: readonly TomlValue[]): number {
  let head = 0;
  while (head < old.length && head < value.length && same(old[head], value[head])) head++;
  return head;
}

function commonTail(old: readonly TomlValue[], value: readonly TomlValue[], head: number): number {
  let tail = 0;
  while (tail < old.length - head && tail < value.length - head && same(old.at(-1 - tail), value.at(-1 - tail))) tail++;
  return tail;
}

const same = (a: TomlValue | undefined, b: TomlValue | undefined): boolean =>
  a !== undefined && b !== undefined && sameValue(a, b);
