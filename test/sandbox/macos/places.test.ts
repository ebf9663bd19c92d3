import t from 'tap';
import { except, namesOf, quote, whole, wholeMissing } from '../../../server/sandbox/macos/places.js';

t.test('every name that a Mac has for a file', async (t) => {
  t.same(namesOf('/Users/u/w'), ['/Users/u/w', '/System/Volumes/Data/Users/u/w']);
  t.same(namesOf('/System/Volumes/Data/Users/u'), ['/System/Volumes/Data/Users/u', '/Users/u']);
  t.same(namesOf('/private/tmp/a'), ['/private/tmp/a', '/System/Volumes/Data/private/tmp/a', '/tmp/a']);
  t.same(namesOf('/private/varx'), ['/private/varx', '/System/Volumes/Data/private/varx'], 'no link leads there');
  t.same(namesOf('/'), ['/', '/System/Volumes/Data']);
});

t.test('a place is named itself and with all in it, and a missing one in every spelling', async (t) => {
  t.same(whole('/w').slice(0, 2), ['(literal "/w")', '(subpath "/w")']);
  t.same(whole('/'), ['(regex #"^/")']);
  t.match(wholeMissing('/w/.git').join(' '), '(regex #"^/[wW]/[.][gG][iI][tT](/|$)")');
});

t.test('a path cannot end its string and continue as rules', async (t) => {
  t.equal(quote('/a "b" \\ c") (allow default'), '"/a \\"b\\" \\\\ c\\") (allow default"');
});

t.test('a region is written without what is in it', async (t) => {
  t.equal(except(['A'], []), 'A');
  t.equal(except(['A', 'B'], ['C']), '(require-all (require-any A B) (require-not C))');
});
