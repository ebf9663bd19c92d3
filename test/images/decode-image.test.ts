// Not in test:quick: it decodes images, which takes seconds.
import t from 'tap';
import { decodeImage } from '../../server/images/decode-image.js';
import { readImageHeader } from '../../server/images/image-header.js';
import { png } from './samples.js';

const task = (width: number, height: number) => {
  const bytes = png(width, height);
  const header = readImageHeader(bytes);
  if (header === null) throw new Error('the sample is no image');
  return { bytes, header, size: { width: 10, height: 10 }, rewrite: false };
};

t.test('a decoder that takes too long is ended, and the next image is decoded', async (t) => {
  await t.rejects(decodeImage(task(2000, 2000), 1), { code: 'tool.image', message: /takes too long/ });
  const { bytes } = await decodeImage(task(20, 20));
  t.match(readImageHeader(Buffer.from(bytes ?? [])), { width: 10, height: 10 });
});

t.test('the event loop is free while an image is decoded', async (t) => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  await decodeImage(task(1500, 1500));
  clearInterval(timer);
  t.ok(ticks > 2, `${ticks}`);
});

t.test('a size that the header does not say is refused', async (t) => {
  const { header, ...rest } = task(20, 20);
  await t.rejects(decodeImage({ ...rest, header: { ...header, width: 21 } }), { code: 'tool.image' });
});
