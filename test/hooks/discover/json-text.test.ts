import t from 'tap';
import { placed, readTree } from '../../../server/hooks/discover/json-text.js';

t.test('the first fault of a text, with line and column in bytes', (t) => {
  const rows: readonly [text: string, fault: string][] = [
    ['{"a":1,}', 'trailing comma at line 1 column 8'],
    ['[1,]', 'trailing comma at line 1 column 4'],
    ['{"a":1}x', 'trailing characters at line 1 column 8'],
    ['{"a" 1}', 'expected `:` at line 1 column 6'],
    ['{"a":1 "b":2}', 'expected `,` or `}` at line 1 column 8'],
    ['[1 2]', 'expected `,` or `]` at line 1 column 4'],
    ['[1', 'EOF while parsing a list at line 1 column 2'],
    ['{"a":"x', 'EOF while parsing a string at line 1 column 7'],
    ['{\n  "é": nope\n}', 'expected value at line 2 column 9'],
    ['{"a":"\\q"}', 'invalid escape at line 1 column 6'],
    ['{"a":"\\ud800"}', 'lone leading surrogate in hex escape at line 1 column 13'],
  ];
  for (const [text, fault] of rows) {
    const read = readTree(text);
    t.equal('why' in read ? placed(read, text) : 'no fault', fault, text);
  }
  t.end();
});

t.test('a deep text is a fault, and a deep tree too', (t) => {
  for (const depth of [200, 100_000]) {
    const text = `${'['.repeat(depth)}${']'.repeat(depth)}`;
    t.match(readTree(text), { why: 'recursion limit exceeded' });
  }
  t.match(readTree(`${'['.repeat(50)}${']'.repeat(50)}`), { type: 'array' });
  t.end();
});
