import t from 'tap';
import { parsePattern } from '../../../server/file-search/match/pattern.js';

t.test('the syntax of words', async (t) => {
  const rows: readonly (readonly [query: string, ...words: string[]])[] = [
    ['foo', 'fuzzy foo'],
    [' Foo  BAR ', 'fuzzy foo', 'fuzzy bar'],
    ['^foo', 'start foo'],
    ['foo$', 'end foo'],
    ['^foo$', 'whole foo'],
    ["'foo$", 'whole foo'],
    ["'foo", 'substring foo'],
    ['!foo', 'not substring foo'],
    ['!^foo', 'not start foo'],
    ['a\\ b', 'fuzzy a b'],
    ['\\!a', 'fuzzy !a'],
    ['\\^a', 'fuzzy ^a'],
    ['a\\$', 'fuzzy a$'],
    ['a\\b', 'fuzzy a\\b'],
    ['a\\', 'fuzzy a\\'],
    ['^'],
    ['!'],
    [' \t'],
  ];
  for (const [query, ...words] of rows) {
    const read = parsePattern(query).words.map(
      ({ form, negated, needle }) => `${negated ? 'not ' : ''}${form} ${String.fromCodePoint(...needle)}`,
    );
    t.same(read, words, query);
  }
});

t.test('one plain word may be a name', async (t) => {
  for (const query of ['foo', ' foo ', "f'oo", 'f!o', 'fo$o', 'föö']) t.ok(parsePattern(query).isName, query);
  for (const query of ['a b', 'a/b', '^a', "'a", '!a', 'a$', 'a\\b', ' ']) t.notOk(parsePattern(query).isName, query);
});

t.test('accents of a name count only if the word has one', async (t) => {
  t.ok(parsePattern('abe').words[0]?.plain);
  t.notOk(parsePattern('äbe').words[0]?.plain);
});
