import { isCode } from '../../../server/errors/codexd-error.js';
import fc from 'fast-check';
import t from 'tap';
import { decodeBase64, base64Error } from '../../../server/exec/methods/base64.js';

t.test('strict base64 decodes', async (t) => {
  for (const [text, bytes] of [
    ['', ''],
    ['YQ==', 'a'],
    ['YWI=', 'ab'],
    ['YWJj', 'abc'],
    ['/+8=', '\xff\xef'],
  ] as const) {
    t.same(decodeBase64(text), Buffer.from(bytes, 'latin1'), JSON.stringify(text));
  }
});

t.test("everything else is refused with the symbol and the offset in the reference's text", async (t) => {
  const rows: readonly (readonly [text: string, message: string, why: string])[] = [
    ['!!!', 'Invalid symbol 33, offset 0.', 'the first stray symbol'],
    ['YWJj\n', 'Invalid symbol 10, offset 4.', 'a single trailing byte is named, not the length'],
    ['YWJjZGVmZ2hpamtsbW5vcA==!', 'Invalid symbol 33, offset 24.', 'even where an earlier quad is not right either'],
    ['Y Q=', 'Invalid symbol 32, offset 1.', 'blanks are not skipped'],
    ['0_+Bb/bA', 'Invalid symbol 95, offset 1.', 'the URL-safe alphabet is another one'],
    ['AAAAé', 'Invalid symbol 195, offset 4.', 'offsets count bytes of UTF-8'],
    ['YQ', 'Invalid padding', 'two symbols want two pads'],
    ['abc', 'Invalid padding', 'three symbols want one'],
    ['a', 'Invalid input length: 1', 'one symbol is less than a byte'],
    ['YWJja', 'Invalid input length: 5', 'counted over the whole text'],
    ['YR==', 'Invalid last symbol 82, offset 1.', 'bits that no byte takes must be zero'],
    ['=', 'Invalid symbol 61, offset 0.', 'padding for nothing'],
    ['A===', 'Invalid symbol 61, offset 1.', 'padding after one symbol'],
    ['AA=A', 'Invalid symbol 61, offset 2.', 'the padding is wrong, not what follows'],
    ['AAA=AAAA', 'Invalid symbol 61, offset 3.', 'padding in the middle'],
    ['AAAA=', 'Invalid symbol 61, offset 4.', 'padding after whole quads'],
  ];
  for (const [text, message, why] of rows) t.throws(() => decodeBase64(text), base64Error(message), why);
});

t.test('a decoded text encodes to the same text, and no other text decodes', async () => {
  const symbol = fc.constantFrom(...'AQgwZ9+/=-_ \né');
  fc.assert(
    fc.property(fc.array(symbol, { maxLength: 12 }), (symbols) => {
      const text = symbols.join('');
      try {
        return decodeBase64(text).toString('base64') === text;
      } catch (error) {
        return isCode(error, 'exec.base64') && Buffer.from(text, 'base64').toString('base64') !== text;
      }
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) =>
      decodeBase64(Buffer.from(bytes).toString('base64')).equals(Buffer.from(bytes)),
    ),
  );
});
