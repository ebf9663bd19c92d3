import t from 'tap';
import { invalidType, missingField, named, unknownField, unknownVariant } from '../../../schema/shape/sentences.js';

t.test('a value in the words of the protocol', async (t) => {
  const rows: readonly [value: unknown, words: string][] = [
    [null, 'null'],
    [undefined, 'null'],
    ['a "b"\n', 'string "a \\"b\\"\\n"'],
    ['\u0001', 'string "\\u{1}"'],
    [true, 'boolean `true`'],
    [7, 'integer `7`'],
    [1.5, 'floating point `1.5`'],
    [-0, 'floating point `-0.0`'],
    [1e30, 'floating point `1e+30`'],
    [[1], 'sequence'],
    [{}, 'map'],
  ];
  for (const [value, words] of rows) t.equal(named(value), words);
  t.equal(invalidType(named(7), 'a string'), 'invalid type: integer `7`, expected a string');
});

t.test('the alternatives of a word', async (t) => {
  t.equal(unknownVariant('x', ['a']), 'unknown variant `x`, expected `a`');
  t.equal(unknownVariant('x', ['a', 'b']), 'unknown variant `x`, expected `a` or `b`');
  t.equal(unknownField('x', ['a', 'b', 'c']), 'unknown field `x`, expected one of `a`, `b`, `c`');
  t.equal(unknownField('x', []), 'unknown field `x`, there are no fields');
  t.equal(missingField('x'), 'missing field `x`');
});
