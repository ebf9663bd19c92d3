/** The decoder as the package has it (dist/images). */
// Not in test:quick: it decodes images, which takes seconds.
import t from 'tap';
import { USUAL_LIMITS } from '../../server/images/fit-size.js';
import { readImageHeader } from '../../server/images/image-header.js';
import { prepareImage } from '../../server/images/prepare-image.js';
import { JPEG, png, WEBP } from './samples.js';

const bytesOf = (url: string): Buffer => Buffer.from(url.split(',')[1] ?? '', 'base64');
const sizeOf = (url: string): string => {
  const found = readImageHeader(bytesOf(url));
  return `${url.slice(5, url.indexOf(';'))} ${found?.width}x${found?.height}`;
};
const prepared = (bytes: Buffer, limits = USUAL_LIMITS) => prepareImage(bytes, limits);

t.test('what is too large is made smaller, in its own format, and upright', async (t) => {
  t.equal(sizeOf(await prepared(png(3000, 2000))), 'image/png 1920x1280');
  const small = { side: 16, squares: 2500 };
  const { width = 0, height = 0 } = readImageHeader(JPEG) ?? {};
  t.ok(width > height && width > 16);
  const turned = Buffer.concat([JPEG.subarray(0, 2), ORIENTATION_6, JPEG.subarray(2)]);
  t.match(sizeOf(await prepared(JPEG, small)), /^image\/jpeg 16x(?!16)/);
  t.match(sizeOf(await prepared(turned, small)), /^image\/jpeg (?!16)\d+x16$/);
  t.match(sizeOf(await prepared(WEBP, small)), /^image\/webp 16x/);
});
const ORIENTATION_6 = Buffer.from(
  '\xff\xe1\0\x1eExif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0',
  'latin1',
);
