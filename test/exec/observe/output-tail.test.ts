import t from 'tap';
import { createOutputTail } from '../../../server/exec/observe/output-tail.js';

t.test('a tail is the end of all output, whatever the pieces', async (t) => {
  for (const limit of [1, 7, 4096, 10_000]) {
    const tail = createOutputTail(limit);
    let all = Buffer.alloc(0);
    for (let n = 0; n < 300; n++) {
      const piece = Buffer.from(`${n} `.repeat((n * 7) % 13));
      tail.add(piece);
      all = Buffer.concat([all, piece]);
      const read = tail.read();
      if (!read.equals(all.subarray(all.length - read.length))) t.fail(`limit ${limit}, piece ${n}`);
    }
    t.equal(tail.read().length, Math.min(limit, all.length), `limit ${limit}`);
    t.equal(tail.bytes, all.length);
    tail.close();
  }
});

t.test('one piece larger than the limit leaves its end', async (t) => {
  const tail = createOutputTail(4);
  tail.add(Buffer.from('abcdefgh'));
  t.equal(tail.read().toString(), 'efgh');
  tail.add(Buffer.from('ij'));
  t.equal(tail.read().toString(), 'ghij');
  tail.close();
  tail.add(Buffer.from('k'));
  t.equal(tail.read().length, 0);
  t.equal(tail.bytes, 11, 'it still counts');
});

t.test('all tails together have a limit, and closing one makes room', async (t) => {
  const big = Buffer.alloc(256 * 1024, 'x');
  const tails = Array.from({ length: 300 }, () => createOutputTail());
  for (const tail of tails) tail.add(big);
  const kept = tails.filter((tail) => tail.read().length === big.length).length;
  t.equal(kept, 256, '64 MiB');
  t.equal(tails.at(-1)?.bytes, big.length, 'the others only count');
  for (const tail of tails) tail.close();
  const tail = createOutputTail();
  tail.add(big);
  t.equal(tail.read().length, big.length);
  tail.close();
});
