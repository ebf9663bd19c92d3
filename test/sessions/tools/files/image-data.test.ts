// Not in test:quick: it decodes images, which takes seconds.
import t from 'tap';
import { imagePart, isRemoteImage, wholeImagePart } from '../../../../server/sessions/tools/files/image-data.js';
import { png } from '../../../images/samples.js';

const base64 = png(4, 4).toString('base64');
const url = `data:image/png;base64,${base64}`;
const MODEL = { images: true, originalImages: false };
const image = (detail: string) => ({ type: 'input_image', image_url: url, detail });
const words = (text: string) => ({ type: 'input_text', text });

t.test('an image in a data URL has the type of its bytes; other bytes become words', async (t) => {
  for (const given of [url, `data:image/jpeg;base64,${base64}`, `data:;base64,${base64}`, url.replace('data', 'DATA')])
    t.same(await imagePart(given, 'high', MODEL), image('high'), given);
  const omitted = words('image content omitted because it could not be processed');
  for (const given of [
    'data:image/png;base64,AAAA',
    'data:image/png;base64,',
    'data:image/svg+xml,<svg/>',
    'file:///etc/passwd',
    '',
  ])
    t.same(await imagePart(given, 'high', MODEL), omitted, given);
  await t.rejects(wholeImagePart(Buffer.from('no'), 'high', MODEL), { code: 'tool.image' });
});

t.test('the detail is one that the model takes', async (t) => {
  t.same(await imagePart(url, 'auto', MODEL), image('auto'));
  t.same(await imagePart(url, 'original', MODEL), image('high'));
  t.same(await imagePart(url, 'original', { ...MODEL, originalImages: true }), image('original'));
  t.match(await imagePart(url, 'low', MODEL), { text: /^image content omitted because detail 'low' is not supported/ });
  t.same(
    await imagePart(url, 'high', { ...MODEL, images: false }),
    words('image content omitted because you do not support image input'),
  );
  t.same(['http://a', 'HTTPS://a', url, 'file:///a'].map(isRemoteImage), [true, true, false, false]);
});
