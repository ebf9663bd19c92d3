import fc from 'fast-check';
import t from 'tap';
import { createLineReader } from '../../../server/rpc/wire/framing.js';

/** All lines of these chunks; `null` for each dropped line. */
function read(chunks: readonly (string | Buffer)[], maxBytes?: number): (string | null)[] {
  const reader = createLineReader(maxBytes);
  const lines: (string | null)[] = [];
  const take = (): void => {
    for (let line = reader.next(); line; line = reader.next()) lines.push('text' in line ? line.text : null);
  };
  for (const chunk of chunks) {
    reader.push(Buffer.from(chunk as string));
    take();
  }
  reader.end();
  take();
  return lines;
}

t.test('a line ends only at LF', (t) => {
  const rows: [why: string, chunks: (string | Buffer)[], want: (string | null)[]][] = [
    ['two lines', ['a\nb\n'], ['a', 'b']],
    ['CRLF', ['a\r\nb\r\n'], ['a', 'b']],
    ['a lone CR is text', ['a\rb\n'], ['a\rb']],
    ['CR and LF in two pieces', ['a\r', '\nb\n'], ['a', 'b']],
    ['U+2028 and U+0085 are text', ['a\u2028b\u0085c\n'], ['a\u2028b\u0085c']],
    ['an empty line is a line', ['\n\na\n'], ['', '', 'a']],
    ['the last line needs no LF', ['a\nb'], ['a', 'b']],
    ['nothing is no line', [''], []],
    ['a character in two pieces', [Buffer.from([0xc3]), Buffer.from([0xa9, 0x0a])], ['é']],
    ['a byte order mark stays', ['\ufeffa\n'], ['\ufeffa']],
  ];
  for (const [why, chunks, want] of rows) t.same(read(chunks), want, why);
  t.end();
});

t.test('a line that is not UTF-8 is dropped, and the next one is read', (t) => {
  const bad = Buffer.concat([Buffer.from('a'), Buffer.from([0xff, 0xfe]), Buffer.from('\nb\n')]);
  t.same(read([bad]), [null, 'b']);
  t.same(read([Buffer.from([0xed, 0xa0, 0x80, 0x0a]), 'b\n']), [null, 'b'], 'a surrogate in UTF-8');
  t.end();
});

t.test('a line over the limit is dropped completely, and its bytes are not stored', (t) => {
  t.same(read(['12345', '67890', '1\nok\n'], 10), [null, 'ok']);
  t.same(read(['1234567890\nok\n'], 10), ['1234567890', 'ok'], 'exactly the limit');
  t.end();
});

t.test('the division of the bytes makes no difference', (t) => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), fc.array(fc.nat({ max: 40 })), (texts, cuts) => {
      const bytes = Buffer.from(texts.join('\n'));
      const pieces: Buffer[] = [];
      let at = 0;
      for (const cut of cuts) {
        pieces.push(bytes.subarray(at, at + cut));
        at += cut;
      }
      pieces.push(bytes.subarray(at));
      t.same(read(pieces), read([bytes]));
    }),
  );
  t.end();
});

t.test('lines that are not needed are not parsed', (t) => {
  const reader = createLineReader();
  reader.push(Buffer.from('a\nb\nc'));
  t.same(reader.next(), { text: 'a' });
  reader.end();
  t.same(reader.next(), { text: 'b' }, 'the end does not overtake what waits');
  t.same(reader.next(), { text: 'c' });
  t.equal(reader.next(), undefined);
  t.end();
});
