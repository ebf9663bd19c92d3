import t from 'tap';
import { fromText, toBytes } from '../../../clients/console/text/base64.js';

t.test('bytes and texts survive the wire', async (t) => {
  const every = Uint8Array.from({ length: 256 }, (_, index) => index);
  t.strictSame([...toBytes(Buffer.from(every).toString('base64'))], [...every]);
  t.equal(Buffer.from(fromText('ü 🎉\n'), 'base64').toString(), 'ü 🎉\n');
});
