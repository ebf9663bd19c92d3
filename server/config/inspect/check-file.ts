/** Checks one configuration file key by key and reports all mistakes, not only the first one. */
import { checkTable, unknownKeys } from '../shape/check.js';
import { entriesOf } from '../shape/foreign-entries.js';
import { locate } from '../toml/locate.js';
import { isTable, newTable } from '../toml/value.js';
import type { ConfigFile } from '../layers/config-file.js';
import type { ForeignEntryPolicy } from '../shape/check.js';
import type { Shape, TableShape } from '../shape/toml-shape.js';
import type { TomlTable } from '../toml/value.js';

/** A mistake: its text, its position and how to correct it. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  /** Null: the mistake is not in a single file (the command line, or the merged result). */
  readonly file: string | null;
  /** 1-based; null: the mistake concerns the whole file. */
  readonly line: number | null;
  readonly column: number | null;
  /** Dotted. */
  readonly key: string | null;
  readonly message: string;
  /** How to correct it; null: the message says it. */
  readonly fix: string | null;
  /** For an unknown key: the known names at the same place. */
  readonly known: readonly string[];
}

interface FileRules {
  readonly shape: TableShape;
  readonly foreignEntries: ForeignEntryPolicy;
  /** The severity of an unknown key. */
  readonly unknown: Finding['severity'];
  /** The consequence of an unknown key, for the message. */
  readonly unknownMeans: string;
}

/** The largest number of reported values of the wrong type in one file. */
const MOST = 100;

export function checkFile(file: ConfigFile, rules: FileRules): Finding[] {
  if (file.kind === 'missing') return [];
  if (file.kind === 'unreadable')
    return [finding(file.path, { message: file.message, fix: 'make it a file that can be read' })];
  if (file.kind === 'malformed') {
    const { line, column, message } = file;
    const fix = 'correct the line: nothing in the file counts until it is TOML';
    return [{ ...finding(file.path, { message, fix }), line, column }];
  }
  const { path, text } = file;
  const found: Finding[] = [];
  let table = file.table;
  for (let mismatch = checkTable(table, rules.shape, rules.foreignEntries); mismatch !== null;) {
    const message = mismatch.fileText ?? mismatch.text;
    const fix = 'correct the value, or take the key out';
    found.push({ ...finding(path, { message, fix, key: mismatch.at }), ...placeOf(text, mismatch.at, 'value') });
    if (mismatch.at.length === 0 || found.length === MOST) break;
    table = without(table, mismatch.at);
    mismatch = checkTable(table, rules.shape, rules.foreignEntries);
  }
  const told = new Set(found.map(({ key }) => key));
  for (const key of unknownKeys(file.table, rules.shape)) {
    if (told.has(key.join('.'))) continue;
    found.push({
      ...finding(path, { message: `unknown key \`${key.join('.')}\`: ${rules.unknownMeans}`, key }),
      ...placeOf(text, key, 'key'),
      severity: rules.unknown,
      fix: 'correct the name, or take the key out',
      known: knownBeside(rules.shape, key),
    });
  }
  return found.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** Makes an error; `file` null: it concerns no single file. */
export function finding(
  file: string | null,
  {
    message,
    fix = null,
    key = null,
  }: { readonly message: string; readonly fix?: string | null; readonly key?: readonly string[] | null },
): Finding {
  const dotted = key === null || key.length === 0 ? null : key.join('.');
  return { severity: 'error', file, line: null, column: null, key: dotted, message, fix, known: [] };
}

/** The position of a key, or of its nearest table with a position. */
export function placeOf(
  text: string,
  key: readonly string[],
  what: 'key' | 'value',
): { readonly line: number | null; readonly column: number | null } {
  for (let length = key.length; length > 0; length--) {
    const at = locate(text, key.slice(0, length), what)?.start;
    if (at !== undefined) return { line: at.line, column: at.column };
  }
  return { line: null, column: null };
}

function without(table: TomlTable, [key = '', ...rest]: readonly string[]): TomlTable {
  const copy = Object.assign(newTable(), table);
  const inner = copy[key];
  if (rest.length > 0 && isTable(inner)) copy[key] = without(inner, rest);
  else delete copy[key];
  return copy;
}

/** The known names at the place of a key. */
export function knownBeside(shape: TableShape, key: readonly string[]): string[] {
  let at: readonly Shape[] = [shape];
  for (const name of key.slice(0, -1)) at = at.flatMap((one) => below(one, name));
  return [...new Set(at.flatMap((one) => fieldsOf(one)))];
}

function below(shape: Shape, name: string): readonly Shape[] {
  switch (shape.kind) {
    case 'list':
    case 'hidden':
      return below(shape.of, name);
    case 'union':
      return shape.forms.flatMap((form) => below(form, name));
    case 'variants': {
      const table = shape.tables[name];
      return table === undefined ? [] : [table];
    }
    case 'tagged':
      return Object.values(shape.variants).flatMap((variant) => below(variant, name));
    case 'map':
    case 'table': {
      const { fields, rest } = shape.kind === 'map' ? entriesOf(shape) : shape;
      const field = Object.hasOwn(fields, name) ? fields[name] : rest;
      return field === null || field === undefined ? [] : [field];
    }
    default:
      return [];
  }
}

function fieldsOf(shape: Shape): string[] {
  if (shape.kind === 'table') return Object.keys(shape.fields);
  if (shape.kind === 'list' || shape.kind === 'hidden') return fieldsOf(shape.of);
  if (shape.kind === 'union') return shape.forms.flatMap(fieldsOf);
  return shape.kind === 'tagged' ? Object.values(shape.variants).flatMap(fieldsOf) : [];
}
