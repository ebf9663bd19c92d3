import t from 'tap';
import { locate } from '../../../server/config/toml/locate.js';

const TEXT = `model = "x" # comment with = and "
'lit key' = 1
[a."b.c"] # d = 1
value = [
  1, # ]
  "two]",
]
long = """
x = 1
"""
inline = { p = 1, q = { r = "s" } }
[permissions.ws.filesystem]
":root" = "read"
[[h]]
ü = "é"
`;

void t.test('a value is found at every place, including its last character', (t) => {
  const rows: readonly [path: string[], start: [number, number], end: [number, number], why: string][] = [
    [['model'], [1, 9], [1, 11], 'quotes are part of a value'],
    [['lit key'], [2, 13], [2, 13], 'a key in single quotes'],
    [['a', 'b.c', 'value'], [4, 9], [7, 1], 'a list over lines, brackets in comments and strings'],
    [['a', 'b.c', 'long'], [8, 8], [10, 3], 'a long string that looks like keys'],
    [['a', 'b.c', 'inline', 'q', 'r'], [11, 29], [11, 31], 'inside inline tables'],
    [['permissions'], [12, 2], [12, 12], 'a table without a value is where its name stands'],
    [['permissions', 'ws', 'filesystem', ':root'], [13, 11], [13, 16], 'a quoted key'],
    [['h', 'ü'], [15, 5], [15, 7], 'columns count characters'],
  ];
  for (const [path, start, end, why] of rows) {
    const range = locate(TEXT, path);
    t.same([range?.start.line, range?.start.column], start, `${why}: start`);
    t.same([range?.end.line, range?.end.column], end, `${why}: end`);
  }
  t.equal(locate(TEXT, ['nope']), null, 'what is not there has no place');
  t.same(locate(TEXT, ['a', 'b.c', 'value'], 'key')?.start, { line: 4, column: 1 }, 'the key instead of the value');
  t.end();
});
