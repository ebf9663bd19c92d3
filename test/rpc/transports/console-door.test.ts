import t from 'tap';
import { cookiesNamed } from '../../../server/rpc/transports/console-door.js';

t.test('every cookie of a name counts', async (t) => {
  for (const [cookie, found] of [
    [undefined, []],
    ['', []],
    ['a=1', ['1']],
    ['b=2; a=1;a=3', ['1', '3']],
    ['aa=1; =2; a', []],
    ['a==x', ['=x']],
  ] as const) {
    t.same(cookiesNamed('a', cookie === undefined ? {} : { cookie }), found, String(cookie));
  }
});
