import t from 'tap';
import { toolArguments } from '../../../server/hooks/run/tool-arguments.js';

const GIVEN = { tool_name: 'Bash', tool_input: { command: 'echo hi', list: ['a'] }, stop: false, path: null };

t.test('a placeholder alone keeps the type of its value; inside of a text it becomes text', (t) => {
  const input = {
    whole: '${tool_input}',
    inside: 'x ${tool_name} y ${stop} ${tool_input}',
    flag: '${stop}',
    none: '${path}',
    listed: ['${tool_input.list.0}', 5, true],
    '${tool_name}': 'a name is none',
  };
  t.strictSame(toolArguments(input, GIVEN), {
    ok: true,
    arguments: {
      whole: GIVEN.tool_input,
      inside: 'x Bash y false {"command":"echo hi","list":["a"]}',
      flag: false,
      none: null,
      listed: ['a', 5, true],
      '${tool_name}': 'a name is none',
    },
  });
  t.end();
});

t.test('what only looks like a placeholder stays as it is', (t) => {
  const cases: readonly (readonly [string, string])[] = [
    ['${}', '${}'],
    ['a ${tool_name', 'a ${tool_name'],
    ['$${tool_name}', '$Bash'],
    ['${tool_input.${tool_name}}', '${tool_input.Bash}'],
  ];
  for (const [text, becomes] of cases)
    t.strictSame(toolArguments({ text }, GIVEN), { ok: true, arguments: { text: becomes } }, text);
  t.end();
});

t.test('a placeholder that names nothing is an error', (t) => {
  for (const path of ['nope', ' tool_name ', 'tool_input.command.x', 'tool_input.list.1', 'constructor', '__proto__'])
    t.strictSame(toolArguments({ deep: [{ text: `a \${${path}}` }] }, GIVEN), { ok: false, missing: path }, path);
  t.end();
});
