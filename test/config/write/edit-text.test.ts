// Not in test:quick: it tries random documents for seconds
import fc from 'fast-check';
import t from 'tap';
import { parseToml } from '../../../server/config/toml/parse-toml.js';
import { newTable, sameValue, toJson } from '../../../server/config/toml/value.js';
import type { TomlTable, TomlValue } from '../../../server/config/toml/value.js';
import { applyEdits } from '../../../server/config/write/apply-edits.js';
import { editText } from '../../../server/config/write/edit-text.js';

/** What a text becomes after edits; `value` null removes. */
function edited(text: string, ...edits: readonly [keyPath: string, value: unknown, strategy?: 'upsert'][]): string {
  const table = parseToml(text);
  const applied = applyEdits(
    table,
    edits.map(([keyPath, value, strategy]) => ({ keyPath, value, mergeStrategy: strategy ?? 'replace' })),
  );
  return editText(text, table, applied.table, applied.emptied);
}

void t.test('an edit changes only what it has to', (t) => {
  const rows: readonly [why: string, text: string, edits: Parameters<typeof edited>[1][], result: string][] = [
    ['a changed value keeps its comment', 'a = 1 # why\n', [['a', 2]], 'a = 2 # why\n'],
    ['an equal value keeps its own spelling', "a = 'x'\n", [['a', 'x']], "a = 'x'\n"],
    [
      'a new top-level key goes before the first table',
      '# top\na=1\n\n[t]\nx=1\n',
      [['b', true]],
      '# top\na=1\nb = true\n\n[t]\nx=1\n',
    ],
    [
      'without other keys it comes first',
      '# head\n\n[t]\nx=1 # c\n',
      [['top', 'v']],
      'top = "v"\n# head\n\n[t]\nx=1 # c\n',
    ],
    ['a new nested key gets a section', '', [['a.b', 1]], '[a]\nb = 1\n'],
    ['a new key joins its section', '[t]\nx=1\n\n[u]\n', [['t.y', 2]], '[t]\nx=1\ny = 2\n\n[u]\n'],
    ['a sub-table follows its table', '[t]\nx=1\n\n[u]\n', [['t.s.z', 3]], '[t]\nx=1\n\n[t.s]\nz = 3\n\n[u]\n'],
    [
      'a parent that was only implied gets one header',
      '[a.b]\nx=1\n',
      [
        ['a.k', 1],
        ['a.l', 2],
      ],
      '[a]\nk = 1\nl = 2\n[a.b]\nx=1\n',
    ],
    [
      'objects become sections, lists of objects stay inline',
      '',
      [['f', { a: '1', b: { c: 2, d: [{ e: 1 }] } }]],
      '[f]\na = "1"\n\n[f.b]\nc = 2\nd = [{ e = 1 }]\n',
    ],
    [
      'dotted keys stay dotted',
      'a.b.c = 1\n',
      [
        ['a.b.d', 2],
        ['a.e', { f: 3 }],
      ],
      'a.b.c = 1\na.b.d = 2\na.e.f = 3\n',
    ],
    ['inline tables stay inline', 'x = { a = 1 } # c\n', [['x.c', 3]], 'x = { a = 1, c = 3 } # c\n'],
    ['an entry leaves an inline table', 'x = { a = 1, b = 2, c = 3 }\n', [['x.b', null]], 'x = { a = 1, c = 3 }\n'],
    [
      'items of a long list keep their comments',
      'r = [\n  "/a", # first\n  "/b",\n]\n',
      [['r', ['/a', '/b', '/c']]],
      'r = [\n  "/a", # first\n  "/b",\n  "/c",\n]\n',
    ],
    [
      'without a last comma too',
      'r = [\n  1, # one\n  2 # two\n]\n',
      [['r', [1, 2, 3]]],
      'r = [\n  1, # one\n  2, # two\n  3\n]\n',
    ],
    [
      'an item leaves with its line',
      'r = [\n  1, # one\n  2,\n  3,\n]\n',
      [['r', [1, 3]]],
      'r = [\n  1, # one\n  3,\n]\n',
    ],
    ['a removed key leaves the comment above it', '# about a\na = 1\nb = 2\n', [['a', null]], '# about a\nb = 2\n'],
    ['the last key leaves the header', '[t]\nx=1\n', [['t.x', null]], '[t]\n'],
    [
      'a removed table takes its sections along',
      'a=1\n\n[t]\nx=1\n\n[t.u]\ny=1\n\n[v]\n',
      [['t', null]],
      'a=1\n\n[v]\n',
    ],
    ['a table may replace a value', 'a=1\nb=2\n', [['a', { x: 1 }]], 'b=2\n\n[a]\nx = 1\n'],
    ['a list may replace a list of tables', '[[h]]\na=1\n\n[[h]]\na=2\n', [['h', [{ a: 3 }]]], 'h = [{ a = 3 }]\n\n'],
    ['a key in quotes is found', '"a b" = 1\n', [['"a b"', 2]], '"a b" = 2\n'],
    ['hosts get quotes', '', [['d."*.x.com"', 'allow']], '[d]\n"*.x.com" = "allow"\n'],
    [
      'line ends stay what they are',
      'a = 1\r\n[t]\r\nx = 1\r\n',
      [
        ['b', 2],
        ['t.y', 1],
      ],
      'a = 1\r\nb = 2\r\n[t]\r\nx = 1\r\ny = 1\r\n',
    ],
    ['a missing last line end is put in', 'a=1', [['b', 2]], 'a=1\nb = 2\n'],
    ['no edit, no change', 'a=1', [], 'a=1'],
    ['text with line ends stands in long quotes', '', [['s', 'a\nb']], 's = """\na\nb"""\n'],
    ['quotes inside need no escapes between single quotes', '', [['s', 'say "x" \\ y']], `s = 'say "x" \\ y'\n`],
    [
      'a top-level key does not slip into a section made in the same go',
      'm = 1\n',
      [
        ['s', { n: 1 }],
        ['z', 2],
      ],
      'm = 1\nz = 2\n\n[s]\nn = 1\n',
    ],
  ];
  for (const [why, text, edits, result] of rows) t.equal(edited(text, ...edits), result, why);
  t.end();
});

/** Tables of a few keys, so that edits meet each other. */
const key = fc.constantFrom('a', 'b', 'c', 'd e', 'f.g', '__proto__', 'ü');
const scalar = fc.oneof(
  fc.integer(),
  fc.boolean(),
  fc.double({ noNaN: true }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('x\ny', '"""', "it's", '\\', '#', ' = '),
);
interface Tree {
  [key: string]: unknown;
}
const anyTable = fc.letrec((tie) => ({
  table: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('item'), { maxLength: 3 }),
    tie('table'),
  ),
  item: fc.oneof({ depthSize: 'small' }, scalar, tie('table')),
})).table as fc.Arbitrary<Tree>;

/** The same content in many layouts: sections, dotted keys, inline tables, lists of tables, comments between. */
function layOut(tree: Tree, choose: () => number): string {
  const lines: string[] = [];
  const note = (): string => (choose() % 4 === 0 ? ` # note ${lines.length}` : '');
  const quoteKey = (k: string): string => (/^[\w-]+$/.test(k) && /^[\x20-\x7e]*$/.test(k) ? k : JSON.stringify(k));
  const inline = (value: unknown): string => {
    if (Array.isArray(value)) {
      const items = value.map(inline);
      return choose() % 2 === 0 || items.length === 0
        ? `[${items.join(', ')}]`
        : `[\n  ${items.join(', # item\n  ')},\n]`;
    }
    if (typeof value === 'object' && value !== null) {
      return `{ ${Object.entries(value)
        .map(([k, v]) => `${quoteKey(k)} = ${inlineFlat(v)}`)
        .join(', ')} }`;
    }
    return scalarText(value);
  };
  const inlineFlat = (value: unknown): string => {
    if (Array.isArray(value)) return `[${value.map(inlineFlat).join(', ')}]`;
    return inline(value);
  };
  const scalarText = (value: unknown): string => {
    if (typeof value === 'number') {
      if (Number.isInteger(value) && Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
      if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
      return /[.e]/.test(String(value)) ? String(value) : `${Object.is(value, -0) ? '-0' : value}.0`;
    }
    return typeof value === 'string' ? JSON.stringify(value).replace(/[\u007f]/g, '\\u007f') : String(value);
  };
  const body = (path: string[], table: Tree): void => {
    const later: [string, Tree][] = [];
    for (const [k, v] of Object.entries(table)) {
      if (choose() % 5 === 0) lines.push(`# before ${lines.length}`);
      const isTree = typeof v === 'object' && v !== null && !Array.isArray(v);
      if (!isTree) lines.push(`${quoteKey(k)} = ${inline(v)}${note()}`);
      else {
        const style = choose() % 3;
        const simple = Object.values(v as Tree).every((x) => typeof x !== 'object');
        if (style === 0) lines.push(`${quoteKey(k)} = ${inlineFlat(v)}${note()}`);
        else if (style === 1 && simple && Object.keys(v).length > 0) {
          for (const [k2, v2] of Object.entries(v as Tree))
            lines.push(`${quoteKey(k)}.${quoteKey(k2)} = ${inline(v2)}${note()}`);
        } else later.push([k, v as Tree]);
      }
    }
    for (const [k, v] of later) {
      const at = [...path, quoteKey(k)];
      const implied =
        Object.keys(v).length > 0 && Object.values(v).every((x) => typeof x === 'object' && !Array.isArray(x));
      if (choose() % 2 === 0) lines.push('');
      if (!implied || choose() % 2 === 0) lines.push(`[${at.join('.')}]${note()}`);
      else {
        // Without a header of its own every table in it needs one.
        for (const [k2, v2] of Object.entries(v)) {
          lines.push(`[${[...at, quoteKey(k2)].join('.')}]`);
          body([...at, quoteKey(k2)], v2 as Tree);
        }
        continue;
      }
      body(at, v);
    }
  };
  body([], tree);
  return lines.join('\n') + (lines.length > 0 && choose() % 5 !== 0 ? '\n' : '');
}

const comments = (text: string): string[] => text.match(/# before \d+/g) ?? [];

void t.test('for every layout and target the result has the wanted content, and no comment line is lost', (t) => {
  fc.assert(
    fc.property(anyTable, anyTable, fc.infiniteStream(fc.nat(59)), fc.boolean(), (before, after, stream, crlf) => {
      const choose = (): number => stream.next().value as number;
      const lf = layOut(before, choose);
      const text = crlf ? lf.replace(/\n/g, '\r\n') : lf;
      const from = parseToml(text);
      const target = fromTree(mixed(before, after, choose));
      const result = editText(text, from, target, []);
      const read = parseToml(result);
      if (!sameValue(read, target)) {
        throw new Error(
          `from\n${text}\nto ${JSON.stringify(toJson(target))}\nbecame\n${result}\nreading ${JSON.stringify(toJson(read))}`,
        );
      }
      const kept = comments(result);
      return comments(text).every((comment) => kept.includes(comment));
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 2000) },
  );
  t.end();
});

/** Some of the old, some of the new. */
function mixed(before: Tree, after: Tree, choose: () => number): Tree {
  const result: Tree = Object.create(null) as Tree;
  for (const [k, v] of Object.entries(before)) {
    const other = Object.hasOwn(after, k) ? after[k] : undefined;
    const both = [v, other].every((x) => typeof x === 'object' && x !== null && !Array.isArray(x));
    if (both) result[k] = mixed(v as Tree, other as Tree, choose);
    else if (choose() % 3 !== 0) result[k] = choose() % 3 === 0 && other !== undefined ? other : v;
  }
  for (const [k, v] of Object.entries(after)) if (!(k in result) && choose() % 2 === 0) result[k] = v;
  return result;
}

function fromTree(tree: Tree): TomlTable {
  const table = newTable();
  for (const [k, v] of Object.entries(tree)) table[k] = fromValue(v);
  return table;
}

function fromValue(value: unknown): TomlValue {
  if (typeof value === 'number') return parseToml(`v = ${numberText(value)}`).v as TomlValue;
  if (Array.isArray(value)) return value.map(fromValue);
  return typeof value === 'object' ? fromTree(value as Tree) : (value as string | boolean);
}

function numberText(value: number): string {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
