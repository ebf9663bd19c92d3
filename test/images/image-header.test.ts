import fc from 'fast-check';
import t from 'tap';
import { readImageHeader } from '../../server/images/image-header.js';

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const PNG = latin('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x02\0\0\x03\x04');
const GIF = latin('GIF89a\x02\x01\x04\x03');
const FRAME = '\xff\xc0\0\x11\x08\x01\x02\x03\x04\x03\0\0\0\0\0\0\0';
const exif = (order: 'II' | 'MM', value: number): string => {
  const tiff = Buffer.alloc(8 + 2 + 12);
  const little = order === 'II';
  tiff.write(order, 'latin1');
  for (const [at, n, bytes] of [
    [2, 42, 2],
    [4, 8, 4],
    [8, 1, 2],
    [10, 0x0112, 2],
    [12, 3, 2],
    [14, 1, 4],
    [18, value, 2],
  ] as const)
    if (little) tiff.writeUIntLE(n, at, bytes);
    else tiff.writeUIntBE(n, at, bytes);
  return `\xff\xe1\0${String.fromCharCode(8 + tiff.length)}Exif\0\0${tiff.toString('latin1')}`;
};
const webp = (kind: string, body: string): Buffer => latin(`RIFF\0\0\0\0WEBP${kind}\0\0\0\0${body.padEnd(20, '\0')}`);

t.test('format, size and orientation come from the bytes', (t) => {
  const of = (bytes: Buffer) => {
    const found = readImageHeader(bytes);
    return found && [found.format, found.width, found.height, found.orientation];
  };
  t.same(of(PNG), ['png', 258, 772, 1]);
  t.same(of(GIF), ['gif', 258, 772, 1]);
  t.same(of(latin(`\xff\xd8${FRAME}`)), ['jpeg', 772, 258, 1]);
  t.same(of(latin(`\xff\xd8${exif('II', 6)}${FRAME}`)), ['jpeg', 772, 258, 6]);
  t.same(of(latin(`\xff\xd8${exif('MM', 8)}\xff\xff\xdb\0\x02${FRAME}`)), ['jpeg', 772, 258, 8]);
  t.same(of(latin(`\xff\xd8${exif('MM', 9)}${FRAME}`)), ['jpeg', 772, 258, 1], 'a way that there is not');
  t.same(of(webp('VP8 ', '\0\0\0\x9d\x01\x2a\x02\x01\x04\x03')), ['webp', 258, 772, 1]);
  t.same(of(webp('VP8L', '\x2f\x01\xc1\xc0\0')), ['webp', 258, 772, 1]);
  t.same(of(webp('VP8X', '\0\0\0\0\x01\x01\0\x03\x03\0')), ['webp', 258, 772, 1]);
  for (const bad of ['', 'BM', '<svg/>', 'GIF89a', '\xff\xd8\xff', '\x89PNG\r\n\x1a\n', 'RIFF\0\0\0\0WEBP'])
    t.equal(of(latin(bad)), null, JSON.stringify(bad));
  t.equal(of(Buffer.concat([PNG.subarray(0, 16), Buffer.alloc(8)])), null, 'no pixels');
  t.end();
});

t.test('no bytes make it throw', (t) => {
  const starts = [
    PNG,
    GIF,
    latin(`\xff\xd8${exif('II', 6)}${FRAME}`),
    webp('VP8X', ''),
    webp('VP8L', ''),
    webp('VP8 ', ''),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...starts), fc.nat(60), fc.uint8Array({ maxLength: 80 }), (start, cut, rest) => {
      readImageHeader(Buffer.concat([start.subarray(0, cut), rest]));
    }),
    { numRuns: 2000 },
  );
  t.end();
});
