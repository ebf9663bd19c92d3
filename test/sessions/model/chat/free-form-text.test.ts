import fc from 'fast-check';
import t from 'tap';
import { FreeFormText } from '../../../../server/sessions/model/chat/free-form-text.js';

function read(text: string, size = text.length || 1): string {
  const reader = new FreeFormText();
  let out = '';
  for (let at = 0; at < text.length; at += size) out += reader.push(text.slice(at, at + size));
  return out;
}

t.test('the text of the arguments comes out, however they are cut into pieces', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.integer({ min: 1, max: 7 }), (input, size) => {
      t.equal(read(JSON.stringify({ input }), size), input);
    }),
    { numRuns: 300 },
  );
  t.equal(read(' { "input" : "a\\u00e9\\/\\t\\"b" , "more": "x"}', 1), 'aé/\t"b');
});

t.test('a text instead of JSON is the input; another object shows nothing', async (t) => {
  t.equal(read('*** Begin Patch\nx', 3), '*** Begin Patch\nx');
  t.equal(read('{"patch":"x"}', 2), '');
  t.equal(read(`{${' '.repeat(500)}"input":"x"}`, 9), '', 'nobody writes that');
  t.equal(read('', 1), '');
});
