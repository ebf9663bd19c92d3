import fc from 'fast-check';
import t from 'tap';
import { fitSize, ORIGINAL_LIMITS, USUAL_LIMITS } from '../../server/images/fit-size.js';

t.test('sizes are those of the official program', (t) => {
  const rows: readonly (readonly [string, string])[] = [
    ...([
      ['6000x4000', '1920x1280'],
      ['2048x2048', '1600x1600'],
      ['3000x3000', '1600x1600'],
      ['8192x8192', '1600x1600'],
    ] as const),
    ...([
      ['12000x3000', '2048x512'],
      ['100x3000', '68x2048'],
      ['16000x16', '2048x2'],
      ['2049x10', '2048x10'],
    ] as const),
    ...([
      ['2500x1900', '1811x1376'],
      ['3000x2500', '1727x1440'],
      ['1800x1700', '1626x1536'],
    ] as const),
    ...([
      ['1700x1650', '1600x1552'],
      ['2050x1999', '1600x1560'],
      ['5000x300', '2048x123'],
    ] as const),
    ...([
      ['1601x1601', '1600x1600'],
      ['1601x1600', '1568x1568'],
      ['1633x1599', '1600x1566'],
    ] as const),
    ...([
      ['2047x1301', '1963x1248'],
      ['2049x2047', '1569x1568'],
      ['999x2600', '787x2048'],
    ] as const),
    ...([
      ['4000x6000', '1280x1920'],
      ['2600x1234', '2048x972'],
      ['7000x5000', '1881x1344'],
    ] as const),
    ...([
      ['1600x1600', '1600x1600'],
      ['2000x1000', '2000x1000'],
      ['1920x1280', '1920x1280'],
    ] as const),
  ];
  const of = (size: string, limits = USUAL_LIMITS): string => {
    const [width = 0, height = 0] = size.split('x').map(Number);
    const fit = fitSize({ width, height }, limits);
    return `${fit.width}x${fit.height}`;
  };
  for (const [size, expected] of rows) t.equal(of(size), expected, size);
  t.equal(of('3000x2000', ORIGINAL_LIMITS), '3000x2000');
  t.equal(of('7000x5000', ORIGINAL_LIMITS), '3762x2688');
  t.equal(of('7000x100', ORIGINAL_LIMITS), '6000x86');
  t.equal(of('100000x1'), '2048x1', 'never nothing');
  t.end();
});

t.test('every size keeps to the limits and grows nowhere', (t) => {
  const side = fc.integer({ min: 1, max: 20_000 });
  fc.assert(
    fc.property(side, side, (width, height) => {
      const fit = fitSize({ width, height }, USUAL_LIMITS);
      const squares = Math.ceil(fit.width / 32) * Math.ceil(fit.height / 32);
      return (
        fit.width <= Math.min(width, 2048) &&
        fit.height <= Math.min(height, 2048) &&
        fit.width > 0 &&
        fit.height > 0 &&
        squares <= 2500
      );
    }),
  );
  t.end();
});
