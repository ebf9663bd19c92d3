import t from 'tap';
import { pageOf } from '../../../server/rpc/connection/offset-page.js';

const LETTERS = ['a', 'b', 'c'];

t.test('pages of a list, one after the other', async (t) => {
  t.same(pageOf(LETTERS, {}, 'letters'), { data: LETTERS, nextCursor: null });
  t.same(pageOf(LETTERS, { limit: 2 }, 'letters'), { data: ['a', 'b'], nextCursor: '2' });
  t.same(pageOf(LETTERS, { cursor: '2', limit: 2 }, 'letters'), { data: ['c'], nextCursor: null });
  t.same(pageOf(LETTERS, { cursor: '3' }, 'letters'), { data: [], nextCursor: null }, 'at the end there is nothing');
  t.same(pageOf(LETTERS, { limit: 0 }, 'letters').data, ['a'], 'a limit of 0 acts as 1');
});

t.test('a cursor that no page returned is refused', async (t) => {
  for (const cursor of ['', 'x', '-1', '1.5', ' 1', '99999999999999999999'])
    t.throws(() => pageOf(LETTERS, { cursor }, 'letters'), { message: `invalid cursor: ${cursor}` });
  t.throws(() => pageOf(LETTERS, { cursor: '4' }, 'letters'), { message: 'cursor 4 exceeds total letters 3' });
});
