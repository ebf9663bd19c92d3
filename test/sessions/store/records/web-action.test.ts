import t from 'tap';
import { webAction } from '../../../../server/sessions/store/records/web-action.js';

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
