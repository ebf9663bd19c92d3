import t from 'tap';
import { consoleMethods } from '../../server/app/console-methods.js';
import type { Caller } from '../../server/rpc/connection/caller.js';

t.test('console/link gives the links that the listeners make for this client', async (t) => {
  const asked: Caller[] = [];
  const methods = consoleMethods({ consoleLinks: (caller) => (asked.push(caller), ['http://127.0.0.1:1/#x']) });
  const caller = { connectionId: 7 } as Caller;
  const context = { requestId: 1, afterAnswer: () => {} };
  t.same(await methods['console/link']({}, caller, context), { links: ['http://127.0.0.1:1/#x'] });
  t.same(asked, [caller]);
});
