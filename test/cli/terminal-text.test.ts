import t from 'tap';
import { terminalText } from '../../server/cli/terminal-text.js';

t.test('case 116: a terminal shows the control characters of models and commands as text, and obeys none', (t) => {
  const rows: readonly (readonly [string, string])[] = [
    ['\x1b]52;c;ZXZpbA==\x07', '\\u001b]52;c;ZXZpbA==\\u0007'],
    ['\x1b[2J\x1b[H', '\\u001b[2J\\u001b[H'],
    ['\x9b2J\x9d0;title\x9c', '\\u009b2J\\u009d0;title\\u009c'],
    ['over\rwritten\b\x7f', 'over\\u000dwritten\\u0008\\u007f'],
    ['a\u202eb\u2066c\u2069', 'a\\u202eb\\u2066c\\u2069'],
    ['line\u2028end', 'line\\u2028end'],
    ['dos\r\nline\n\ttab é 日本 👩‍👧', 'dos\nline\n\ttab é 日本 👩‍👧'],
  ];
  for (const [text, shown] of rows) {
    t.equal(terminalText(text, { isTTY: true }), shown);
    t.equal(terminalText(text, {}), text, 'a pipe gets it as it is');
  }
  t.end();
});

t.test('a line of JSON says the same on a terminal', (t) => {
  const event = { text: 'a\x1b[2J\x9b1m\u202e"\\\n' };
  const line = terminalText(JSON.stringify(event), { isTTY: true });
  t.same(JSON.parse(line), event);
  t.match(line, /^[ -~]*$/);
  t.end();
});
