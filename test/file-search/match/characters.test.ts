import t from 'tap';
import { charactersOf, folded, Kind, kindOf, lowerCase } from '../../../server/file-search/match/characters.js';

const code = (char: string): number => char.codePointAt(0)!;

t.test('kinds of characters', async (t) => {
  for (const [char, kind] of [
    ['a', Kind.lower],
    ['Z', Kind.upper],
    ['ä', Kind.lower],
    ['Ä', Kind.upper],
    ['7', Kind.digit],
    ['日', Kind.letter],
    [' ', Kind.whitespace],
    ['/', Kind.delimiter],
    ['-', Kind.sign],
    ['€', Kind.sign],
  ] as const) {
    t.equal(kindOf(code(char)), kind, char);
  }
});

t.test('case never counts, accents where it is said', async (t) => {
  t.equal(folded(code('Ä'), true), code('a'));
  t.equal(folded(code('Ä'), false), code('ä'));
  t.equal(lowerCase(code('Σ')), code('σ'));
  t.equal(lowerCase(code('İ')), code('İ'), 'it has no single lower-case letter');
});

t.test('positions count what a person sees as one character', async (t) => {
  const texts = (text: string): string[] => [...charactersOf(text)].map((one) => String.fromCodePoint(one));
  t.same(texts('aé日'), ['a', 'é', '日']);
  t.same(texts('e\u0301x'), ['e', 'x']);
  t.same(texts('👩‍👩‍👧x'), ['👩', 'x']);
  t.same(texts('a\r\nb'), ['a', '\n', 'b']);
});
