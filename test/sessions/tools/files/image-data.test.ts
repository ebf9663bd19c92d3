import t from 'tap';
import { inlineImage } from '../../../../server/sessions/tools/files/image-data.js';

const png = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1').toString('base64');

t.test('an image in a data URL has the type of its bytes', (t) => {
  const rows: readonly (readonly [url: string, expected: string | null, why: string])[] = [
    [`data:image/png;base64,${png}`, `data:image/png;base64,${png}`, 'as it is'],
    [`data:image/jpeg;base64,${png}`, `data:image/png;base64,${png}`, 'another type is named'],
    [`data:;base64,${png}`, `data:image/png;base64,${png}`, 'no type is named'],
    ['data:image/png;base64,AAAA', null, 'its bytes are no image'],
    ['data:image/png;base64,', null, 'it is empty'],
    ['data:image/svg+xml,<svg/>', null, 'a kind that models do not take'],
    ['https://example.com/a.png', 'https://example.com/a.png', 'the endpoint fetches it'],
  ];
  for (const [url, expected, why] of rows) t.equal(inlineImage(url), expected, why);
  t.end();
});
