import t from 'tap';
import { turnPixels } from '../../server/images/turn-pixels.js';

/** Three across, two down; one letter a pixel. */
const STORED = 'abc def';
const pixels = (text: string) => {
  const lines = text.split(' ');
  const data = Buffer.from(lines.join('').replace(/./g, '$&$&$&$&'));
  return { width: lines[0]?.length ?? 0, height: lines.length, data: new Uint8Array(data) };
};
const text = ({ width, data }: { width: number; data: Uint8Array }): string =>
  Buffer.from(data.filter((_, n) => n % 4 === 0))
    .toString()
    .replace(new RegExp(`.{${width}}(?=.)`, 'g'), '$& ');

t.test('each way of Exif is shown upright', (t) => {
  const shown = ['abc def', 'cba fed', 'fed cba', 'def abc', 'ad be cf', 'da eb fc', 'fc eb da', 'cf be ad'];
  for (const [n, expected] of shown.entries()) t.equal(text(turnPixels(pixels(STORED), n + 1)), expected, `${n + 1}`);
  t.end();
});
