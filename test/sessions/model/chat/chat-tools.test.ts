import t from 'tap';
import { chatTools } from '../../../../server/sessions/model/chat/chat-tools.js';

const fn = (name: string) => ({ type: 'function', name, description: name, parameters: { type: 'object' } });
const call = (namespace: string | undefined, name: string) =>
  ({ type: 'function_call', call_id: 'c', name, arguments: '{}', ...(namespace ? { namespace } : {}) }) as const;
const named = (definitions: readonly object[]): string[] =>
  definitions.map((one) => (one as { function: { name: string } }).function.name);

const LONG = 'x'.repeat(60);
const TOOLS = [
  fn('exec_command'),
  { type: 'custom', name: 'apply_patch', description: 'patch' },
  { type: 'web_search' },
  { type: 'namespace', name: 'mcp__a', tools: [fn('b__c'), fn(`${LONG}1`), fn(`${LONG}2`)] },
  { type: 'namespace', name: 'mcp__a__b', tools: [fn('c')] },
];

t.test('names are at most 64 characters, and no two are the same', async (t) => {
  const names = named(chatTools(TOOLS).definitions);
  t.same(names.slice(0, 2), ['exec_command', 'apply_patch']);
  t.equal(names.length, 6, 'the endpoint has no search');
  t.equal(new Set(names).size, 6);
  for (const name of names) t.match(name, /^[a-zA-Z0-9_-]{1,64}$/);
  t.same(named(chatTools([...TOOLS].reverse()).definitions).sort(), [...names].sort(), 'in any order');
});

t.test('calls come back as what the model was offered, and have the same names in the history', async (t) => {
  const tools = chatTools(TOOLS);
  for (const [namespace, name] of [
    [undefined, 'exec_command'],
    ['mcp__a', 'b__c'],
    ['mcp__a', `${LONG}1`],
    ['mcp__a', `${LONG}2`],
    ['mcp__a__b', 'c'],
  ] as const) {
    const flat = tools.nameOf(call(namespace, name));
    t.ok(named(tools.definitions).includes(flat), flat);
    t.same(tools.callItem({ id: 'c', name: flat, arguments: '{}' }), call(namespace, name));
  }
  t.match(tools.callItem({ id: 'c', name: 'apply_patch', arguments: '{"input":"text"}' }), {
    type: 'custom_tool_call',
    input: 'text',
  });
  t.ok(tools.isFreeForm('apply_patch'));
  t.notOk(tools.isFreeForm('exec_command'));
});

t.test('a tool that is gone keeps the name that it had', async (t) => {
  const before = chatTools(TOOLS).nameOf(call('mcp__a', `${LONG}1`));
  t.equal(chatTools([]).nameOf(call('mcp__a', `${LONG}1`)), before);
  t.equal(chatTools([]).nameOf(call('mcp__s', 'find')), 'mcp__s__find');
  t.same(chatTools([]).callItem({ id: 'c', name: 'unknown', arguments: '' }), {
    ...call(undefined, 'unknown'),
    arguments: '',
  });
});
