import { positionAt, scanEntries, scanStatements } from './scan.js';
import type { KeySpan, Span } from './scan.js';

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** 1-based, both ends included: `end` is the last character (docs/protocol/config.md §2.1). */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/**
 * The position of the value (or, with `what` = key, of the name) of a dotted path in a valid document. For a table
 * without a value: the first position of its name. Null: the document does not have the path. Reads the whole text, so
 * use it for messages only.
 */
export function locate(text: string, path: readonly string[], what: 'value' | 'key' = 'value'): Range | null {
  const span = find(text, path, what);
  if (span === null) return null;
  return { start: positionAt(text, span.start), end: positionAt(text, Math.max(span.start, span.end - 1)) };
}

function find(text: string, path: readonly string[], what: 'value' | 'key'): Span | null {
  let table: readonly KeySpan[] = [];
  let mention: Span | null = null;
  for (const statement of scanStatements(text)) {
    if (statement.kind !== 'assignment') {
      table = statement.keys;
      if (startsWith(table, path)) mention ??= table[path.length - 1] ?? null;
      continue;
    }
    const keys = [...table, ...statement.keys];
    const found = what === 'key' && startsWith(keys, path) ? null : findValue(text, keys, statement.value, path, what);
    if (found !== null) return found;
    if (startsWith(keys, path)) mention ??= keys[path.length - 1] ?? null;
  }
  return mention;
}

/** The value itself, or a value in an inline table. */
function findValue(
  text: string,
  keys: readonly KeySpan[],
  value: Span,
  path: readonly string[],
  what: 'value' | 'key',
): Span | null {
  if (keys.length > path.length || !keys.every((key, index) => key.name === path[index])) return null;
  if (keys.length === path.length) return what === 'value' ? value : (keys.at(-1) ?? null);
  if (text[value.start] !== '{') return null;
  let mention: Span | null = null;
  for (const entry of scanEntries(text, value)) {
    const below = [...keys, ...entry.keys];
    const found = findValue(text, below, entry.value, path, what);
    if (found !== null) return found;
    if (startsWith(below, path)) mention ??= below[path.length - 1] ?? null;
  }
  return mention;
}

const startsWith = (keys: readonly KeySpan[], path: readonly string[]): boolean =>
  keys.length >= path.length && path.every((name, index) => keys[index]?.name === name);
