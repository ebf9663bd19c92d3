/**
 * Every key of config.toml is read by something, or docs/configuration.md says that it has no effect and what that
 * means.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { configShape } from '../../../server/config/shape/config-shape.js';
import { packageRoot } from '../../../server/package/package-root.js';
import { WITHOUT_EFFECT } from '../../../server/config/shape/without-effect.js';
import { READERS } from './readers.js';
import type { Shape } from '../../../server/config/shape/toml-shape.js';

/** The keys that hold values; what people name is `*`. */
function* leaves(shape: Shape, at: string): Generator<string> {
  const below = (key: string): string => (at === '' ? key : `${at}.${key}`);
  const inner: [string, Shape][] = [];
  switch (shape.kind) {
    case 'hidden':
    case 'list':
      yield* leaves(shape.of, at);
      return;
    case 'map':
      yield* leaves(shape.of, below('*'));
      return;
    case 'union':
      for (const form of shape.forms) yield* leaves(form, at);
      return;
    case 'variants':
      inner.push(...Object.entries(shape.tables));
      if (shape.words.length > 0) yield at;
      break;
    case 'tagged':
      for (const table of Object.values(shape.variants)) yield* leaves(table, at);
      return;
    case 'table':
      inner.push(...Object.entries(shape.fields));
      break;
    default:
      yield at.replace(/(\.\*)+$/, '');
      return;
  }
  for (const [key, field] of inner) yield* leaves(field, below(key));
  if (shape.kind === 'table' && shape.rest !== null) yield* leaves(shape.rest, below('*'));
}

/** The rows of the table "Keys without effect": key (or the beginning of keys) → what it means. */
function withoutEffect(): Map<string, string> {
  const doc = fs.readFileSync(path.join(packageRoot(), 'docs', 'configuration.md'), 'utf8');
  const section = /\n## Keys without effect\n(.*?)\n## /s.exec(doc)?.[1] ?? '';
  const rows = new Map<string, string>();
  for (const [, keys, meaning] of section.matchAll(/^\| (`[^|]+`) +\| ([^|]+?) +\|$/gm)) {
    for (const [, key] of keys!.matchAll(/`([^`]+)`/g)) rows.set(key!, meaning!);
  }
  return rows;
}

/** The longest of `names` that is the key or the beginning of it. */
const longest = (names: Iterable<string>, key: string): string | undefined =>
  [...names].filter((name) => key === name || key.startsWith(`${name}.`)).sort((a, b) => b.length - a.length)[0];

/** The text of a file in server/, or of those in a folder. */
function textsOf(name: string): string[] {
  const at = path.join(packageRoot(), 'server', name);
  const files = fs.statSync(at).isFile() ? [at] : fs.readdirSync(at).map((file) => path.join(at, file));
  return files.filter((file) => file.endsWith('.ts')).map((file) => fs.readFileSync(file, 'utf8'));
}

const KEYS = [...new Set(leaves(configShape(), ''))];

void t.test('every key has a reader, or a line without one', (t) => {
  const documented = withoutEffect();
  for (const key of KEYS) {
    const reader = longest(Object.keys(READERS), key);
    const line = longest(documented.keys(), key);
    if (reader === undefined && line === undefined) {
      t.fail(`${key} is read by nothing (test/config/shape/readers.ts) and docs/configuration.md does not say so`);
    } else if (reader === line) t.fail(`${key}: ${reader} is said to have a reader, and to have none`);
    else if ((reader ?? '').length > (line ?? '').length) {
      const word = new RegExp(`(?<![\\w-])${key.split('.').at(-1)!}(?![\\w-])`);
      const files = [READERS[reader!]!].flat();
      const found = files.some((file) => textsOf(file).some((text) => word.test(text)));
      t.ok(found, `${key} is read in ${files.join(', ')}`);
    }
  }
  t.end();
});

void t.test('the table in the documentation equals the table in the code', (t) => {
  t.same(Object.fromEntries(withoutEffect()), WITHOUT_EFFECT);
  t.end();
});

void t.test('no line and no reader is for a missing key', (t) => {
  for (const name of [...Object.keys(READERS), ...withoutEffect().keys()]) {
    t.ok(
      KEYS.some((key) => key === name || key.startsWith(`${name}.`)),
      name,
    );
  }
  t.end();
});
