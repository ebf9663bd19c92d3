import zlib from 'node:zlib';
import t from 'tap';
import { zipOf } from '../../../server/services/feedback/zip.js';

t.test('the directory leads to every entry, and the contents are whole', (t) => {
  const entries = [
    { name: 'report.json', content: Buffer.from('123456789') },
    { name: 'é.txt', content: Buffer.from('x'.repeat(100_000)) },
    { name: 'empty', content: Buffer.alloc(0) },
  ];
  const zip = zipOf(entries);
  const end = zip.subarray(-22);
  t.equal(end.readUInt32LE(0), 0x06054b50);
  t.equal(end.readUInt16LE(10), entries.length);
  let at = end.readUInt32LE(16);
  for (const { name, content } of entries) {
    t.equal(zip.readUInt32LE(at), 0x02014b50);
    const [packed, size, length, offset] = [20, 24]
      .map((more) => zip.readUInt32LE(at + more))
      .concat([zip.readUInt16LE(at + 28), zip.readUInt32LE(at + 42)]) as [number, number, number, number];
    t.equal(zip.toString('utf8', at + 46, at + 46 + length), name);
    t.equal(size, content.length);
    t.equal(zip.readUInt32LE(offset), 0x04034b50);
    const from = offset + 30 + zip.readUInt16LE(offset + 26);
    t.ok(zlib.inflateRawSync(zip.subarray(from, from + packed)).equals(content), name);
    t.equal(zip.readUInt32LE(at + 38) >>> 16, 0o100600);
    at += 46 + length;
  }
  t.equal(zip.readUInt32LE(end.readUInt32LE(16) + 16), 0xcbf43926, 'the check value of CRC-32');
  t.end();
});
