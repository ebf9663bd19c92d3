import t from 'tap';
import { readGlob } from '../../../server/file-search/walk/glob.js';

t.test('patterns fit paths', async (t) => {
  const rows: readonly (readonly [pattern: string, fits: string, not: string])[] = [
    ['*.o', 'a.o', 'a/b.o'],
    ['a?c', 'abc', 'a/c'],
    ['**/x', 'a/b/x', 'a/bx'],
    ['a/**', 'a/b/c', 'a'],
    ['a/**/b', 'a/b', 'ab'],
    ['[!a-c]', 'd', 'b'],
    ['[]-]', ']', 'a'],
    ['[[:digit:]]x', '7x', 'ax'],
    ['\\*', '*', 'a'],
    ['*a*b*c', 'xaybzc', 'xaybzcd'],
    ['**/a/**/b/**/c', 'x/a/b/y/c', 'x/a/y/c'],
    ['-{a}', '-{a}', '-a'],
    // As git, by bytes: é has two.
    ['[!a].o', 'b.o', 'é.o'],
    ['??.o', 'é.o', 'e.o'],
    ['é*', 'éa', 'è'],
    ['\udcff?', '\udcffa', 'ÿa'],
  ];
  for (const [pattern, fits, not] of rows) {
    const glob = readGlob(pattern);
    t.ok(glob?.(fits), `${pattern} fits ${fits}`);
    t.notOk(glob?.(not), `${pattern} does not fit ${not}`);
  }
});

t.test('what can fit nothing is no pattern', async (t) => {
  for (const pattern of ['[a', 'a\\', '[[:what:]]']) t.equal(readGlob(pattern), null, pattern);
});

t.test('a pattern of many stars ends, whatever the name', async (t) => {
  const glob = readGlob(`${'*a'.repeat(40)}b`);
  t.equal(glob?.('a'.repeat(250)), false);
  t.equal(readGlob(`${'**/a/'.repeat(30)}b`)?.('a/'.repeat(200)), false);
});
