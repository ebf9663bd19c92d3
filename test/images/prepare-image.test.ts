/** The decoder as the package has it (dist/images). */
// Not in test:quick: it decodes images, which takes seconds.
import t from 'tap';
import { USUAL_LIMITS } from '../../server/images/fit-size.js';
import { prepareImage } from '../../server/images/prepare-image.js';
import { crc32, GIF, JPEG, png, WEBP } from './samples.js';

const prepared = (bytes: Buffer, limits = USUAL_LIMITS) => prepareImage(bytes, limits);

t.test('what fits is sent as it is', async (t) => {
  for (const [bytes, kind] of [
    [png(64, 48), 'png'],
    [JPEG, 'jpeg'],
    [WEBP, 'webp'],
  ] as const)
    t.equal(await prepared(bytes), `data:image/${kind};base64,${bytes.toString('base64')}`, kind);
  t.match(await prepared(GIF), /^data:image\/png;/, 'a moving picture becomes its first one');
});

t.test('what cannot be decoded is refused, and the next one is not', async (t) => {
  const bad = { code: 'tool.image', message: 'invalid or unsupported image data' };
  const whole = png(64, 48);
  for (const [bytes, why] of [
    [Buffer.alloc(0), 'nothing'],
    [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'SVG'],
    [whole.subarray(0, whole.length - 40), 'a PNG that ends too early'],
    [JPEG.subarray(0, JPEG.length / 2), 'a JPEG that ends too early'],
    [Buffer.concat([whole.subarray(0, 33), Buffer.from('garbage')]), 'garbage behind the header'],
  ] as const)
    await t.rejects(prepared(bytes), bad, why);
  t.match(await prepared(whole), /^data:image\/png/);
});

t.test('a bomb is not decoded', async (t) => {
  const header = Buffer.from(png(1, 1));
  header.writeUInt32BE(100_000, 16);
  header.writeUInt32BE(100_000, 20);
  header.writeUInt32BE(crc32(header.subarray(12, 29)), 29);
  const started = performance.now();
  await t.rejects(prepared(header), {
    code: 'tool.image',
    message: 'the image has 100000 × 100000 pixels, and more than 70000000 are not decoded',
  });
  t.ok(performance.now() - started < 1000);
});
