import { isList, isTable, TomlDatetime, TomlFloat } from '../toml/value.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/** A key, quoted if necessary. */
export function renderKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : renderString(key);
}

export const renderPath = (path: readonly string[]): string => path.map(renderKey).join('.');

/** Writes a value: the text after `=`. */
export type ValueRenderer = (value: TomlValue) => string;

/** Writes a value on one line; a string with line breaks, on several lines. */
export function renderValue(value: TomlValue): string {
  if (typeof value === 'string') return value.includes('\n') ? renderLongString(value) : renderString(value);
  return renderInline(value);
}

/**
 * A section: its header, its values, then its tables as further sections. Lists of tables are inline, as in the
 * reference. Every section ends with a line break.
 */
export function renderSection(path: readonly string[], table: TomlTable, render: ValueRenderer): string {
  const lines: string[] = [];
  const sections: string[] = [];
  for (const [key, value] of Object.entries(table)) {
    if (isTable(value)) sections.push(renderSection([...path, key], value, render));
    else lines.push(`${renderKey(key)} = ${render(value)}\n`);
  }
  // A table that contains only tables needs no header.
  if (lines.length > 0 || sections.length === 0) sections.unshift(`[${renderPath(path)}]\n${lines.join('')}`);
  return sections.join('\n');
}

/** Writes a value on one line. */
export function renderInline(value: TomlValue): string {
  if (typeof value === 'string') return renderString(value);
  if (value instanceof TomlFloat) return renderFloat(value.value);
  if (value instanceof TomlDatetime) return value.text;
  if (isList(value)) return `[${value.map(renderInline).join(', ')}]`;
  if (!isTable(value)) return String(value);
  const entries = Object.entries(value).map(([key, item]) => `${renderKey(key)} = ${renderInline(item)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function renderString(text: string): string {
  // Single quotes have no escapes, so a text with quotes or backslashes is easier to read in them.
  if (/["\\]/.test(text) && !/['\u0000-\u001f\u007f]/.test(text)) return `'${text}'`;
  return `"${text.replace(/["\\]/g, '\\$&').replace(CONTROL, escapeControl)}"`;
}

function renderLongString(text: string): string {
  // A line break directly after the opening quotes is not part of the string.
  const escaped = text.replace(/\\/g, '\\\\').replace(/"""/g, '""\\"').replace(/"$/, '\\"');
  return `"""\n${escaped.replace(CONTROL_BUT_NEWLINE, escapeControl)}"""`;
}

const CONTROL = /[\u0000-\u001f\u007f]/g;
const CONTROL_BUT_NEWLINE = /[\u0000-\u0009\u000b-\u001f\u007f]/g;
const SHORT: Readonly<Record<string, string>> = { '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r' };

const escapeControl = (char: string): string => SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

function renderFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /[.e]/.test(text) ? text.replace('e+', 'e') : `${text}.0`;
}
