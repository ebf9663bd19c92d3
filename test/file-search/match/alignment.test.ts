import fc from 'fast-check';
import t from 'tap';
import {
  bonusAt,
  makeRoom,
  newHaystack,
  scoreOfBest,
  type Haystack,
} from '../../../server/file-search/match/alignment.js';
import { folded, kindOf } from '../../../server/file-search/match/characters.js';

function haystackOf(text: string): Haystack {
  const haystack = newHaystack();
  makeRoom(haystack, text.length);
  for (let at = 0; at < text.length; at++) {
    haystack.folded[at] = folded(text.charCodeAt(at), true);
    haystack.kinds[at] = kindOf(text.charCodeAt(at));
  }
  return haystack;
}
const needleOf = (text: string): Uint32Array => Uint32Array.from(text, (char) => char.charCodeAt(0));

t.test('beginnings of words count more', async (t) => {
  const bonuses = (text: string): number[] => Array.from(text, (_, at) => bonusAt(haystackOf(text), at));
  t.same(bonuses('ab/cD_e1'), [9, 0, 0, 9, 5, 8, 8, 5]);
});

t.test('the places are those of the characters, in order, and the score is that of the best way', async () => {
  const text = fc.array(fc.constantFrom(...'abAB/_1'), { minLength: 2, maxLength: 14 }).map((chars) => chars.join(''));
  const needle = fc.array(fc.constantFrom(...'ab1'), { minLength: 2, maxLength: 4 }).map((chars) => chars.join(''));
  fc.assert(
    fc.property(text, needle, (text, needle) => {
      const haystack = haystackOf(text);
      const positions: number[] = [];
      const score = scoreOfBest(haystack, needleOf(needle), 0, text.length, positions);
      if (score === null) return !subsequence(text.toLowerCase(), needle);
      const found = positions.map((at) => text[at]!.toLowerCase()).join('');
      const rising = positions.every((at, index) => index === 0 || at > positions[index - 1]!);
      return found === needle && rising && score === scoreOfBest(haystack, needleOf(needle), 0, text.length);
    }),
    { numRuns: 2000 },
  );
});

function subsequence(text: string, needle: string): boolean {
  let next = 0;
  for (const char of text) if (char === needle[next]) next++;
  return next === needle.length;
}
