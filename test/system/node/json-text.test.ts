/** Integers of 64 bits go through JSON digit by digit, and nothing else changes. */
import t from 'tap';
import { jsonText, oneLine, parseJsonExactly } from '../../../server/system/node/json-text.js';

void t.test('bigints are written as integers', (t) => {
  t.equal(
    jsonText({ a: 9223372036854775807n, b: [-(2n ** 63n), 1, 'x'] }),
    '{"a":9223372036854775807,"b":[-9223372036854775808,1,"x"]}',
  );
  t.equal(jsonText({ a: 1 }), '{"a":1}');
  t.equal(jsonText(undefined), undefined);
  t.equal(jsonText(5n), '5');
  const cycle: unknown[] = [1n];
  cycle.push(cycle);
  t.throws(() => jsonText(cycle), TypeError);
  t.end();
});

void t.test('no text is read as an integer', (t) => {
  const texts = [
    '\u0001i12',
    '\u0001s',
    '\u0001',
    'x"\u0001i12',
    '\\',
    '\\\u0001i5',
    '"\u0001i5"',
    'a\\"\u0001i7',
    '',
    '🦀',
  ];
  for (const text of texts) {
    const value = { big: 2n ** 63n - 1n, text, [text]: [text], list: [text, 12345678901234567890n, text] };
    const written = jsonText(value)!;
    t.same(JSON.parse(written.replace(/(9223372036854775807|12345678901234567890)/g, '0')), {
      big: 0,
      text,
      [text]: [text],
      list: [text, 0, text],
    });
    t.same(parseJsonExactly(written), value, JSON.stringify(text));
  }
  t.end();
});

void t.test('reading keeps integers and is otherwise like JSON.parse', (t) => {
  t.same(
    parseJsonExactly(
      '{"a":9007199254740993,"b":1.0000000000000001,"c":"9007199254740993","d":1e400,"e":9007199254740991}',
    ),
    {
      a: 9007199254740993n,
      b: 1,
      c: '9007199254740993',
      d: Infinity,
      e: 9007199254740991,
    },
  );
  for (const bad of [
    '{"a":00000000000000000001}',
    '12345678901234567890 1',
    '{"a":1234567890123456789.}',
    '"\u0001i12345678901234567890"',
  ])
    t.throws(() => parseJsonExactly(bad), SyntaxError, bad);
  t.end();
});

void t.test('one line: separators that readers take for line ends are escapes, and the value is the same', (t) => {
  const value = { 'a\u2028': ['\u2029\u2028', '\\u2028', '\u0085 ü🙂'] };
  const line = oneLine(JSON.stringify(value));
  t.notMatch(line, /[\u2028\u2029]/);
  t.same(JSON.parse(line), value);
  t.equal(oneLine('{"a":"ü"}'), '{"a":"ü"}');
  t.end();
});
