/** Without a connection. With one: socket-diagnosis.test.ts, which compares both ways to find it. */
import t from 'tap';
import { findInTables } from '../../../server/system/linux/socket-table.js';

const NOBODY = { localAddress: '127.0.0.1', localPort: 1, remoteAddress: '127.0.0.1', remotePort: 2 };

t.test('a socket that is not there has no owner', async (t) => {
  t.equal(await findInTables(NOBODY), null);
  t.equal(await findInTables({ ...NOBODY, localAddress: '::1', remoteAddress: '::1' }), null);
});

t.test('what is no address is refused', async (t) => {
  await t.rejects(findInTables({ ...NOBODY, localAddress: 'localhost' }), { name: 'TypeError' });
});
