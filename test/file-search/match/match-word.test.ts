import t from 'tap';
import { newHaystack } from '../../../server/file-search/match/alignment.js';
import { matchWord } from '../../../server/file-search/match/match-word.js';
import { parsePattern } from '../../../server/file-search/match/pattern.js';
import { PathIndex } from '../../../server/file-search/match/path-index.js';

function match(query: string, path: string): string {
  const index = new PathIndex();
  index.add(0, path, false);
  const [word] = parsePattern(query).words;
  if (word === undefined) return '';
  const haystack = newHaystack();
  index.read(0, haystack, word.plain, false);
  const positions: number[] = [];
  const score = matchWord(word, haystack, positions);
  return score === null ? '-' : `${score} ${positions.join()}`;
}

t.test('scores and places are those of the official program', async (t) => {
  // Measured with version 0.171.0.
  const rows: readonly (readonly [query: string, path: string, found: string])[] = [
    ['foo', 'a/foo/z', '84 2,3,4'],
    ['foo/bar', 'foo/bar.rs', '184 0,1,2,3,4,5,6'],
    ['bar.rs', 'bar/foo.rs', '150 0,1,2,7,8,9'],
    ['comp', 'c/o/m/p.o', '100 0,2,4,6'],
    ['mc', 'my-component/index.js', '54 0,3'],
    ['x1', 'x1y2', '59 0,1'],
    ['foo/', 'foo/foo', '109 0,1,2,3'],
    ['z', 'azb_z', '32 4'],
    ['z', 'bbz', '16 2'],
    ['foo$', 'foo/foo', '84 4,5,6'],
    ["'foo", 'foo/foo', '84 0,1,2'],
    ['^foo$', 'foo/foo', '-'],
    ['\\!bang', '!bang', '128 0,1,2,3,4'],
    ['a\\b', 'a\\b', '84 0,1,2'],
    ['x\\ y', 'x y/q', '84 0,1,2'],
    ['abe', 'ünïcode/äbe.txt', '84 8,9,10'],
    ['äbe', 'Abe.TXT', '-'],
    ["'foo", 'xbföö.t', '56 2,3,4'],
    ['bx_z', 'ABC-x1z_z.tsx/y22ß/b c日本', '80 1,4,7,8'],
    ['longer than it', 'long', '-'],
  ];
  for (const [query, path, found] of rows) t.equal(match(query, path), found, `${query} in ${path}`);
});

t.test('a word that is far too long for its table is still found', async (t) => {
  const path = `${'ab/'.repeat(700)}x`;
  const found = match('ab'.repeat(60), path);
  t.match(found, /^\d+ /);
  t.equal(found.split(',').length, 120);
});
