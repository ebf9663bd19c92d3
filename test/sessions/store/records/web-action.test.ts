import t from 'tap';
import { searchedFor, webAction } from '../../../../server/sessions/store/records/web-action.js';

t.test('what a search did, in both spellings; members of the wrong type count as missing', async (t) => {
  const search = { type: 'search', query: 'q', queries: ['a', 'b'] };
  t.strictSame(webAction({ ...search, more: 1 }), search);
  t.strictSame(webAction({ type: 'search', query: 5, queries: ['a', 5] }), { ...search, query: null, queries: ['a'] });
  for (const type of ['open_page', 'openPage'])
    t.strictSame(webAction({ type, url: 'u' }), { type: 'openPage', url: 'u' });
  for (const type of ['find_in_page', 'findInPage'])
    t.strictSame(webAction({ type, pattern: 'p' }), { type: 'findInPage', url: null, pattern: 'p' });
  t.strictSame(webAction({ type: 'of_tomorrow', x: 1 }), { type: 'other' });
  for (const none of [null, undefined, 'search', ['search']]) t.equal(webAction(none), null);
});

t.test('the words of an action for a person, as the official program has them', async (t) => {
  const search = (query: string | null, queries: string[] | null) => searchedFor({ type: 'search', query, queries });
  t.equal(search('q', ['a', 'b']), 'q');
  t.equal(search(null, ['a', 'b']), 'a ...');
  t.equal(search('', ['a']), 'a');
  t.equal(search(null, ['', 'b']), '');
  t.equal(search(null, null), '');
  t.equal(searchedFor({ type: 'openPage', url: 'u' }), 'u');
  t.equal(searchedFor({ type: 'openPage', url: null }), '');
  const find = (pattern: string | null, url: string | null) => searchedFor({ type: 'findInPage', pattern, url });
  t.equal(find('p', 'u'), "'p' in u");
  t.equal(find('p', null), "'p'");
  t.equal(find(null, 'u'), 'u');
  t.equal(find(null, null), '');
  t.equal(searchedFor({ type: 'other' }), '');
});
