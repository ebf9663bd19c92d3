/** Questions with fields. */
import t from 'tap';
import { fieldOf } from '../../../../clients/chat/questions/fields.js';
import { inputQuestion, serverQuestion } from '../../../../clients/chat/questions/forms.js';

t.test("questions of the model's tool", async (t) => {
  const question = inputQuestion({
    threadId: 't',
    turnId: 'u',
    itemId: 'i',
    isBlocking: true,
    autoResolutionMs: null,
    questions: [
      { id: 'a', header: 'Name', question: 'Which?', isOther: false, isSecret: false, options: null },
      {
        id: 'b',
        header: 'Color',
        question: 'Which color?',
        isOther: false,
        isSecret: true,
        options: [{ label: 'red', description: 'like blood' }],
      },
    ],
  });
  t.match(question.fields, [
    { id: 'a', open: true, options: null },
    { id: 'b', open: false, secret: true, options: [{ value: 'red' }] },
  ]);
  t.strictSame(question.choices[0]?.answer({ a: 'x', b: 'red' }), {
    answers: { a: { answers: ['x'] }, b: { answers: ['red'] } },
  });
  t.strictSame(question.choices[1]?.answer({}), { answers: {} });
});

const SERVER = { threadId: 't', turnId: 'u', serverName: 'docs', environmentId: null, message: 'hello' };

t.test('the approval of a tool of an MCP server shows its arguments', async (t) => {
  const question = serverQuestion({
    ...SERVER,
    mode: 'form',
    requestedSchema: { type: 'object', properties: {} },
    _meta: {
      codex_approval_kind: 'mcp_tool_call',
      tool_name: 'erase',
      tool_params: { path: '/x' },
      persist: ['session', 'always'],
    },
  });
  t.match(question?.facts, [{ text: 'docs' }, { text: 'erase' }, { text: /"path": "\/x"/ }, { text: 'hello' }]);
  t.strictSame(
    question?.choices.map(({ key }) => key),
    ['y', 's', 'a', 'n', 'c'],
  );
  t.strictSame(question?.choices[1]?.answer({}), { action: 'accept', content: {}, _meta: { persist: 'session' } });
});

t.test('an address is shown, and an unknown mode is no question', async (t) => {
  const url = serverQuestion({ ...SERVER, mode: 'url', url: 'https://x.test', elicitationId: 'e', _meta: null });
  t.match(url?.facts, [{ text: 'docs' }, { text: 'hello' }, { label: 'address', text: 'https://x.test' }]);
  t.match(url?.choices[0]?.answer({}), { action: 'accept' });
  t.equal(serverQuestion({ ...SERVER, mode: 'openai/form', requestedSchema: {}, _meta: null }), null);
});

t.test('fields read what a person types', async (t) => {
  const rows: [field: ReturnType<typeof fieldOf>, typed: string, read: object][] = [
    [fieldOf('x', { type: 'string' }, true), ' a ', { value: 'a' }],
    [fieldOf('x', { type: 'string' }, true), ' ', { error: /required/ }],
    [fieldOf('x', { type: 'string' }, false), '', { value: undefined }],
    [fieldOf('x', { type: 'string', default: 'd' }, true), '', { value: 'd' }],
    [fieldOf('x', { type: 'integer' }, true), '4', { value: 4 }],
    [fieldOf('x', { type: 'integer' }, true), '4.5', { error: /whole number/ }],
    [fieldOf('x', { type: 'number' }, true), '4.5', { value: 4.5 }],
    [fieldOf('x', { type: 'boolean' }, true), 'No', { value: false }],
    [fieldOf('x', { type: 'boolean' }, true), 'maybe', { error: /yes or no/ }],
    [fieldOf('x', { type: 'string', enum: ['a', 'b'] }, true), 'b', { value: 'b' }],
    [fieldOf('x', { type: 'string', enum: ['a', 'b'] }, true), 'c', { error: /none of the choices/ }],
    [fieldOf('x', { type: 'string', oneOf: [{ const: 'a', title: 'The A' }] }, true), 'The A', { value: 'a' }],
    [fieldOf('x', { type: 'array', items: { type: 'string', enum: ['a', 'b'] } }, true), 'b, a', { value: ['b', 'a'] }],
    [fieldOf('x', { type: 'array', items: { type: 'string', enum: ['a'] } }, true), 'a,z', { error: /"z"/ }],
  ];
  for (const [field, typed, read] of rows) t.match(field.read(typed), read, typed);
});
