import fc from 'fast-check';
import t from 'tap';
import { writtenStringEnd } from '../../../../server/sessions/store/records/written-string.js';
import { jsonPiece } from '../../../../server/system/node/json-text.js';

/** The answer for a text in quotes with something before and behind it. */
function endOf(text: Buffer | string, before = 'xyz"', behind = '",""}'): number {
  const bytes = Buffer.concat([Buffer.from(before), Buffer.from(text), Buffer.from(behind)]);
  const end = writtenStringEnd(bytes, before.length, bytes.length);
  return end === -1 ? -1 : end - before.length;
}

t.test('a string that is written as it stands ends at its quote', (t) => {
  const texts = ['', 'a', 'exactly8', 'a longer text of ASCII', String.raw`\"\\\b\f\n\r\t`, 'é→😀“”', '\x7f'];
  for (const text of [...texts, String.raw`\u0000\u0007\u000b\u001f`, String.raw`ends with \\`])
    for (let before = 1; before < 10; before++)
      t.equal(endOf(text, '"'.padStart(before)), Buffer.byteLength(text), `${text} after ${before}`);
  t.end();
});

t.test('a string that would be written differently has no end', (t) => {
  const escapes = [String.raw`\/`, String.raw`\u0041`, String.raw`\u001F`, String.raw`\u0008`, String.raw`\u000a`];
  const unicode = [String.raw`\u2028`, String.raw`\ud800`, String.raw`\u00e9`, '\u2028', '\u2029'];
  const damaged = [String.raw`\x`, '\0', '\t', '\x1f', Buffer.from([0xff]), Buffer.from([0xed, 0xa0, 0x80])];
  for (const bad of [...escapes, ...unicode, ...damaged])
    for (let at = 0; at < 10; at++)
      t.equal(endOf(Buffer.concat([Buffer.from('x'.repeat(at)), Buffer.from(bad)])), -1, `${String(bad)} at ${at}`);
  t.equal(endOf('no quote behind it', '"', ''), -1);
  t.equal(endOf('an escape at the end', '"', '\\'), -1);
  t.end();
});

t.test('the limit counts, not the bytes behind it', (t) => {
  const bytes = Buffer.from('0123456789"');
  t.same(
    [10, 11].map((end) => writtenStringEnd(bytes, 0, end)),
    [-1, 10],
  );
  t.end();
});

t.test('for any bytes the answer is that of JSON.parse and jsonPiece', (t) => {
  const parts = [
    '"',
    '\\',
    '\\n',
    '\\"',
    '\\u001b',
    '\\u0008',
    '\\/',
    '\\ud800',
    'é',
    '\u2028',
    '”',
    'word',
    '\t',
    '😀',
  ];
  const piece = fc.oneof(
    fc.constantFrom(...parts).map((part) => Buffer.from(part)),
    fc.string().map((s) => Buffer.from(s)),
  );
  const bytes = fc.oneof(
    piece,
    fc.uint8Array({ maxLength: 3 }).map((array) => Buffer.from(array)),
  );
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 20 }), (pieces) => {
      const text = Buffer.concat([...pieces, Buffer.from('"')]);
      return writtenStringEnd(text, 0, text.length) === expectedEnd(text);
    }),
    { numRuns: 2000 },
  );
  t.end();
});

function expectedEnd(text: Buffer): number {
  let quote = 0;
  while (quote < text.length && text[quote] !== 0x22) quote += text[quote] === 0x5c ? 2 : 1;
  if (quote >= text.length) return -1;
  const string = Buffer.concat([Buffer.from('"'), text.subarray(0, quote + 1)]);
  try {
    return Buffer.from(jsonPiece(JSON.parse(string.toString()))).equals(string) ? quote : -1;
  } catch {
    return -1;
  }
}
