import t from 'tap';
import { elicitationView } from '../../../../clients/console/state/questions/elicitation-view.js';

type Params = Parameters<typeof elicitationView>[0];
const where = { threadId: 't', turnId: null, serverName: 's', environmentId: null };

t.test('a server that shows an address gets no content', async (t) => {
  const url = { ...where, mode: 'url', _meta: null, message: 'sign in', url: 'https://a.test/', elicitationId: 'e' };
  const view = elicitationView(url as Params);
  t.match(view.facts, [{ value: 's' }, { value: 'https://a.test/' }]);
  t.strictSame(
    view.choices.map(({ result }) => result),
    ['accept', 'decline', 'cancel'].map((action) => ({ action, content: null })),
  );
});

const form = (meta: object | null, properties: object = {}): Params =>
  ({ ...where, mode: 'form', _meta: meta, message: 'Yes?', requestedSchema: { type: 'object', properties } }) as Params;

t.test('a form has fields, and one without fields is accepted or not', async (t) => {
  const filled = elicitationView(form(null, { name: { type: 'string' } }));
  t.match(filled.form?.fields, [{ id: 'name' }]);
  t.strictSame(
    filled.choices.map(({ key }) => key),
    ['d', 'x'],
  );
  const empty = elicitationView(form(null));
  t.equal(empty.form, null);
  t.match(empty.choices[0], { label: 'Accept', result: { action: 'accept', content: {} } });
});

t.test('the call of a tool shows its arguments, and offers what the server remembers', async (t) => {
  const meta = {
    codex_approval_kind: 'mcp_tool_call',
    persist: ['session', 'always'],
    tool_name: 'remove',
    tool_description: 'removes a file',
    tool_params: { path: '/w/a' },
  };
  const view = elicitationView(form(meta));
  t.match(view, { summary: 'A thread asks to call remove of s', reason: 'Yes?', form: null });
  t.match(view.facts, [
    { value: 's' },
    { value: 'remove' },
    { label: 'Arguments', value: /"path": "\/w\/a"/ },
    { value: 'removes a file' },
  ]);
  t.strictSame(
    view.choices.map(({ key, result, rule }) => [key, result, rule]),
    [
      ['a', { action: 'accept', content: {}, _meta: null }, null],
      ['s', { action: 'accept', content: {}, _meta: { persist: 'session' } }, null],
      [
        'r',
        { action: 'accept', content: {}, _meta: { persist: 'always' } },
        { kind: 'tool', server: 's', tool: 'remove' },
      ],
      ['d', { action: 'decline', content: null }, null],
      ['x', { action: 'cancel', content: null }, null],
    ],
  );
  const once = elicitationView(form({ ...meta, persist: undefined }));
  t.strictSame(
    once.choices.map(({ key }) => key),
    ['a', 'd', 'x'],
    'where the configuration asks each time, nothing is remembered',
  );
});
