import t from 'tap';
import { plainFields } from '../../../../server/network-approval/proxy/http/plain-fields.js';

t.test('pseudo-headers are left out; what HTTP/1.1 cannot write is refused', async (t) => {
  t.strictSame(plainFields([':status', '200', 'a', 'b', 'a', '']), ['a', 'b', 'a', '']);
  for (const [name, value] of [
    ['a b', 'c'],
    ['a', 'b\r\nc: d'],
    ['a', 'b\0'],
    ['', 'b'],
    ['a:', 'b'],
  ] as const)
    t.equal(plainFields(['x', 'y', name, value]), null, JSON.stringify([name, value]));
});
