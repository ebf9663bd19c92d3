import { scanEntries } from '../toml/scan.js';
import { isList, isTable, sameValue } from '../toml/value.js';
import { editList, indentOf } from './edit-list.js';
import { renderInline, renderKey, renderPath, renderSection, renderValue } from './render.js';
import { indexOf, nodeAt } from './text-index.js';
import type { Header, Span } from '../toml/scan.js';
import type { TomlTable, TomlValue } from '../toml/value.js';
import type { Change } from './edit-list.js';
import type { ValueRenderer } from './render.js';
import type { Holder, Node } from './text-index.js';

/**
 * Changes a TOML text to another content and keeps the rest of the text: comments, order, spacing, quoting, line
 * breaks. Each difference between the two contents becomes a replacement in the original text; all are made in one
 * pass. The caller parses the result and compares it with the wanted content (docs/protocol/config.md §5).
 */
export function editText(
  text: string,
  from: TomlTable,
  to: TomlTable,
  emptied: readonly (readonly string[])[],
): string {
  const complete = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  const editor: Editor = {
    text: complete,
    index: indexOf(complete),
    changes: [],
    opened: new Map(),
    // In a text with CR LF a string over several lines would contain CR LF, too, which is another value.
    render: complete.includes('\r\n') ? renderInline : renderValue,
    emptied: new Set(emptied.map(pathKey)),
  };
  reconcile(editor, [], from, to);
  return editor.changes.length === 0 ? text : applyChanges(complete, editor.changes);
}

/** Paths as keys of a set. */
export const pathKey = (path: readonly string[]): string => path.join('\0');

interface Editor {
  readonly text: string;
  readonly index: Node;
  readonly changes: Change[];
  /** New headers for tables without one: by path, the index in `changes`. */
  readonly opened: Map<string, number>;
  readonly emptied: ReadonlySet<string>;
  readonly render: ValueRenderer;
}

function reconcile(editor: Editor, path: readonly string[], from: TomlTable, to: TomlTable): void {
  if (Object.keys(to).length === 0 && Object.keys(from).length > 0 && path.length > 0) {
    const node = nodeAt(editor.index, path);
    const implicit = node.headers.length === 0 && node.value === null;
    if (implicit && !editor.emptied.has(pathKey(path))) {
      removeNode(editor, node);
      insert(editor, path, to);
      return;
    }
  }
  if (rewritesInline(editor, path, from, to)) return;
  for (const key of Object.keys(from)) if (to[key] === undefined) remove(editor, [...path, key]);
  for (const [key, value] of Object.entries(to)) {
    const old = from[key];
    const at = [...path, key];
    if (old === undefined) insert(editor, at, value);
    else if (isTable(old) && isTable(value)) reconcile(editor, at, old, value);
    else if (!sameValue(old, value)) replace(editor, at, old, value);
  }
}

/** Rewrites an inline table that loses and gains keys, or that was empty. */
function rewritesInline(editor: Editor, path: readonly string[], from: TomlTable, to: TomlTable): boolean {
  if (path.length === 0) return false;
  const { value, headers } = nodeAt(editor.index, path);
  if (value === null || headers.length > 0) return false;
  const loses = Object.keys(from).some((key) => to[key] === undefined);
  const gains = Object.keys(to).some((key) => from[key] === undefined);
  if (!gains || (!loses && Object.keys(from).length > 0)) return false;
  editor.changes.push({ ...value, by: renderInline(to) });
  return true;
}

function replace(editor: Editor, path: readonly string[], old: TomlValue, value: TomlValue): void {
  const node = nodeAt(editor.index, path);
  const inline = node.holders.some((holder) => holder.kind === 'entry');
  if (node.value === null || node.headers.length > 0 || (isTable(value) && !inline)) {
    remove(editor, path);
    insert(editor, path, value);
    return;
  }
  if (isList(old) && isList(value) && editor.text.slice(node.value.start, node.value.end).includes('\n')) {
    editor.changes.push(...editList(editor.text, node.value, old, value));
    return;
  }
  editor.changes.push({ ...node.value, by: inline ? renderInline(value) : editor.render(value) });
}

function remove(editor: Editor, path: readonly string[]): void {
  const node = nodeAt(editor.index, path);
  removeNode(editor, node);
}

function removeNode(editor: Editor, node: Node): void {
  for (const holder of node.holders) {
    if (holder.kind === 'entry') editor.changes.push({ ...entryWithComma(holder), by: '' });
    else editor.changes.push({ start: holder.start, end: holder.end, by: '' });
  }
  // The entries of an inline table were removed with it.
  if (node.holders.length > 0 && node.headers.length === 0) return;
  for (const child of node.children.values()) removeNode(editor, child);
  for (const { statement } of node.headers) {
    // Without its section, the blank line before it is not needed.
    const start = blankLineBefore(editor.text, statement.start)?.start ?? statement.start;
    editor.changes.push({ start, end: statement.end, by: '' });
  }
}

function blankLineBefore(text: string, at: number): Span | null {
  const match = /(?:^|\n)([ \t]*\r?\n)$/.exec(text.slice(Math.max(0, at - 200), at));
  const blank = match?.[1];
  return blank === undefined ? null : { start: at - blank.length, end: at };
}

function entryWithComma({ entry, table, entries }: Holder & { readonly kind: 'entry' }): Span {
  const index = entries.indexOf(entry);
  const next = entries[index + 1];
  if (next !== undefined) return { start: entry.start, end: next.start };
  const before = entries[index - 1];
  if (before !== undefined) return { start: before.end, end: entry.end };
  return { start: table.start + 1, end: table.end - 1 };
}

/**
 * Inserts a new value into its parent: a section, an inline table, or dotted keys.
 */
function insert(editor: Editor, path: readonly string[], value: TomlValue): void {
  const parentPath = path.slice(0, -1);
  const parent = nodeAt(editor.index, parentPath);
  const key = path.at(-1) ?? '';
  for (let length = parentPath.length; length > 0; length--) {
    const table = nodeAt(editor.index, path.slice(0, length)).value;
    if (table === null) continue;
    insertEntry(editor, table, `${renderPath(path.slice(length))} = ${renderInline(value)}`);
    return;
  }
  if (parent.dotted !== null && parent.headers.length === 0) {
    insertDotted(editor, parent.dotted, path, value);
    return;
  }
  if (isTable(value)) {
    insertSection(editor, path, value);
    return;
  }
  const line = `${renderKey(key)} = ${editor.render(value)}\n`;
  if (parentPath.length === 0) insertTopLevel(editor, line);
  else if (parent.tail !== null && parent.headers.length > 0) insertBehind(editor, parent.tail.end, line);
  else insertHeader(editor, parentPath, parent, line);
}

function insertEntry(editor: Editor, table: Span, entry: string): void {
  const entries = scanEntries(editor.text, table);
  const last = entries.at(-1);
  if (last === undefined) editor.changes.push({ start: table.start + 1, end: table.end - 1, by: ` ${entry} ` });
  else editor.changes.push({ start: last.end, end: last.end, by: `, ${entry}` });
}

function insertDotted(
  editor: Editor,
  { section, last }: NonNullable<Node['dotted']>,
  path: readonly string[],
  value: TomlValue,
): void {
  const indent = indentOf(editor.text, last.keys[0]?.start ?? last.start);
  const own = path.slice(section.length);
  const lines = flatten(own, value).map(([name, item]) => `${indent}${renderPath(name)} = ${editor.render(item)}\n`);
  insertBehind(editor, last.end, lines.join(''));
}

function flatten(path: readonly string[], value: TomlValue): [readonly string[], TomlValue][] {
  if (!isTable(value) || Object.keys(value).length === 0) return [[path, value]];
  return Object.entries(value).flatMap(([key, item]) => flatten([...path, key], item));
}

/** Top-level keys come before the first table. */
function insertTopLevel(editor: Editor, line: string): void {
  const { tail } = editor.index;
  const start = editor.text.startsWith('\uFEFF') ? 1 : 0;
  if (tail !== null) {
    insertBehind(editor, tail.end, line);
    return;
  }
  const blank = editor.text.slice(start).startsWith('[') ? '\n' : '';
  editor.changes.push({ start, end: start, by: line + blank });
}

/** Adds a header to a table that exists only through its inner tables, before them. */
function insertHeader(editor: Editor, path: readonly string[], node: Node, line: string): void {
  const open = editor.opened.get(pathKey(path));
  const before = open === undefined ? undefined : editor.changes[open];
  if (open !== undefined && before !== undefined) {
    editor.changes[open] = { ...before, by: before.by + line };
    return;
  }
  editor.opened.set(pathKey(path), editor.changes.length);
  const [first] = descendants(node).sort((a, b) => a.at - b.at);
  const section = `[${renderPath(path)}]\n${line}`;
  if (first === undefined) appendSection(editor, section, path);
  else
    editor.changes.push({ start: first.statement.start, end: first.statement.start, by: section, opensSection: true });
}

function insertSection(editor: Editor, path: readonly string[], table: TomlTable): void {
  appendSection(editor, renderSection(path, table, editor.render), path);
}

/** Appends after the last section of the nearest ancestor with sections, else at the end of the text. */
function appendSection(editor: Editor, section: string, path: readonly string[]): void {
  for (let length = path.length - 1; length > 0; length--) {
    const last = descendants(nodeAt(editor.index, path.slice(0, length))).sort((a, b) => b.at - a.at)[0];
    if (last === undefined) continue;
    const end = sectionEnd(editor, last.statement);
    const blank =
      editor.text.slice(0, end).endsWith('\n\n') || editor.text.slice(0, end).endsWith('\r\n\r\n') ? '' : '\n';
    insertSections(editor, end, `${blank}${section}`);
    return;
  }
  const { text } = editor;
  const blank = text.trim() === '' || /\n\r?\n$/.test(text) ? '' : '\n';
  insertSections(editor, text.length, `${blank}${section}`);
}

/** The end of the statements in the section of a header. */
function sectionEnd(editor: Editor, header: Header): number {
  return (
    nodeAt(
      editor.index,
      header.keys.map(({ name }) => name),
    ).tail?.end ?? header.end
  );
}

function descendants(node: Node): { readonly statement: Header; readonly at: number }[] {
  return [...node.headers, ...[...node.children.values()].flatMap(descendants)];
}

function insertBehind(editor: Editor, at: number, lines: string): void {
  editor.changes.push({ start: at, end: at, by: lines });
}

/** Inserts sections: at the same offset, after lines that belong to the section before. */
function insertSections(editor: Editor, at: number, sections: string): void {
  editor.changes.push({ start: at, end: at, by: sections, opensSection: true });
}

/** Applies all changes in one pass. Inserted lines have the line breaks of the text. */
function applyChanges(text: string, changes: readonly Change[]): string {
  const crlf = text.includes('\r\n');
  const ordered = changes
    .map((change, order) => ({ ...change, order }))
    .sort((a, b) => a.start - b.start || a.end - b.end || rank(a) - rank(b) || a.order - b.order);
  let result = '';
  let at = 0;
  for (const { start, end, by } of ordered) {
    result += text.slice(at, Math.max(at, start)) + (crlf ? by.replace(/\r?\n/g, '\r\n') : by);
    at = Math.max(at, end);
  }
  return result + text.slice(at);
}

const rank = ({ opensSection }: Change): number => (opensSection === true ? 1 : 0);
