import t from 'tap';
import { processInformation, startupInfo, words } from '../../../../server/system/windows/process/process-bytes.js';

t.test('STARTUPINFOW has its fields where Windows reads them', async (t) => {
  const short = startupInfo({ std: [1, 2, 3], desktop: 0n, attributes: null });
  t.equal(short.length, 104);
  t.equal(short.readUInt32LE(0), 104);
  t.equal(short.readUInt32LE(60), 0x100);
  t.strictSame(
    [80, 88, 96].map((at) => short.readBigInt64LE(at)),
    [1n, 2n, 3n],
  );
  const long = startupInfo({ std: null, desktop: 5n, attributes: 7n });
  t.strictSame([long.length, long.readUInt32LE(0), long.readUInt32LE(60)], [112, 112, 0]);
  t.strictSame([long.readBigUInt64LE(16), long.readBigUInt64LE(104)], [5n, 7n]);
});

t.test('PROCESS_INFORMATION', async (t) => {
  const bytes = words([11, 12, 13n | (14n << 32n)]);
  t.strictSame(processInformation(bytes), { process: 11, thread: 12, pid: 13 });
  t.strictSame(words([2n ** 64n - 1n]), Buffer.alloc(8, 0xff));
});
