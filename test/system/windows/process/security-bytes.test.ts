import t from 'tap';
import { listOf, sidBytes, sidText } from '../../../../server/system/windows/process/security-bytes.js';

t.test('a SID as bytes, and back', async (t) => {
  t.strictSame(sidBytes('S-1-1-0').toString('hex'), '010100000000000100000000');
  for (const sid of ['S-1-5-18', 'S-1-5-21-1-4294967295-3-1001', 'S-1-5-5-0-77', 'S-1-3-4'])
    t.equal(sidText(sidBytes(sid)), sid);
  t.equal(sidText(Buffer.concat([Buffer.alloc(3), sidBytes('S-1-5-32-544')]), 3), 'S-1-5-32-544');
  for (const sid of ['', 'S-2-5-18', 'S-1-5-', 'S-1-5-4294967296', 'everyone', `S-1-5${'-1'.repeat(16)}`])
    t.throws(() => sidBytes(sid), RangeError, sid);
  t.throws(() => sidText(sidBytes('S-1-5-18').subarray(0, 10)), RangeError);
});

t.test('the list of a descriptor', async (t) => {
  const list = Buffer.from('0200080000000000', 'hex');
  const header = Buffer.alloc(20);
  header.writeUInt32LE(20, 16);
  t.strictSame(listOf(Buffer.concat([header, list, Buffer.from('rest')])), list);
  t.throws(() => listOf(Buffer.alloc(20)), /without an access list/);
});
