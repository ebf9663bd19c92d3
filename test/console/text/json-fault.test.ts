import t from 'tap';
import { jsonFault } from '../../../clients/console/text/json-fault.js';

const FAULTS: readonly (readonly [text: string, line: number, column: number, expected: RegExp])[] = [
  ['', 1, 1, /a value/],
  ['{', 1, 2, /a name/],
  ['{"a" 1}', 1, 6, /colon/],
  ['{\n  "a": 1\n  "b": 2\n}', 3, 3, /comma/],
  ['{"a": 1,}', 1, 9, /a name/],
  ["{'a': 1}", 1, 2, /a name/],
  ['[1, 2', 1, 6, /comma, or \]/],
  ['[1,]', 1, 4, /a value/],
  ['{"a": "b}', 1, 10, /end of the string/],
  ['"a\nb"', 1, 3, /end of the string/],
  ['"\\x"', 1, 2, /end of the string/],
  ['01', 1, 2, /end of the text/],
  ['{} {}', 1, 4, /end of the text/],
  ['nul', 1, 1, /a value/],
  ['[1. ]', 1, 3, /comma/],
];

for (const [text, line, column, expected] of FAULTS)
  t.test(`the fault of ${JSON.stringify(text)} has its place`, async (t) => {
    t.match(jsonFault(text), { line, column, expected });
    t.throws(() => JSON.parse(text) as unknown);
  });

t.test('what JSON.parse accepts has no fault', async (t) => {
  const texts = ['null', '-0.5e+10', '"\\u00e4\\n"', ' { "a" : [ 1 , { } , [ ] ] } \n', '"ü 🎉"'];
  for (const text of texts) {
    t.equal(jsonFault(text), null, text);
    JSON.parse(text);
  }
  t.match(jsonFault('['.repeat(100_000)), { line: 1, expected: /at most/ }, 'a deep text ends the search');
});
