/** Open questions, in their order. */
import t from 'tap';
import { openDesk } from '../../../../clients/chat/questions/question-desk.js';
import { fakeClient, matchAll, recordedEvents, type Loose } from '../fake-client.js';

const COMMAND = { kind: 'command', threadId: 't', turnId: 'u', itemId: 'i', command: 'ls', cwd: '/' };
const PATCH = { threadId: 't', turnId: 'u', itemId: 'patch' };
const ASKS = 'item/commandExecution/requestApproval';

function stage() {
  const fake = fakeClient();
  const { events, happened } = recordedEvents();
  const desk = openDesk(fake.client, events);
  return { ...fake, desk, take: (): Loose[][] => happened.splice(0) };
}

t.test('questions are shown one after the other, and each answer goes to its own question', async (t) => {
  const { ask, desk, take } = stage();
  const one = ask(ASKS, COMMAND);
  const two = ask('item/fileChange/requestApproval', PATCH);
  matchAll(t, take(), [['questionChanged', { title: 'Run this command?' }]], 'the second waits');
  const first = desk.first!;
  t.throws(() => first.choose('x'), { message: 'the question has no choice x' });
  t.equal(desk.first, first, 'it is still open');
  first.choose('y');
  t.strictSame(await one.answer, { decision: 'accept' });
  matchAll(t, take(), [['questionChanged', { title: 'Make these changes to files?', itemId: 'patch' }]]);
  first.choose('c');
  t.strictSame(take(), [], 'a settled question stays settled');
  desk.first!.choose('n');
  t.strictSame(await two.answer, { decision: 'decline' });
  t.strictSame(take(), [['questionChanged', null]]);
});

t.test('a question that the server no longer needs goes away without an answer', async (t) => {
  const { ask, desk, take } = stage();
  const one = ask(ASKS, COMMAND);
  const two = ask(ASKS, { ...COMMAND, command: 'pwd' });
  const waiting = desk.first!;
  take();
  two.abort();
  await t.rejects(two.answer, { message: 'settled' });
  matchAll(t, take(), [
    ['questionWithdrawn', { facts: [{ text: 'pwd' }, {}] }],
    ['questionChanged', { facts: [{ text: 'ls' }, {}] }],
  ]);
  t.equal(desk.first, waiting);
  waiting.choose('y');
  one.abort();
  t.strictSame(await one.answer, { decision: 'accept' }, 'it was answered before');
  t.strictSame(take(), [['questionChanged', null]]);
});

t.test('when nobody can answer, all questions and all later ones get the answer that allows the least', async (t) => {
  const { ask, desk } = stage();
  const rows: [method: string, params: object, least: object][] = [
    [ASKS, COMMAND, { decision: 'cancel' }],
    ['item/fileChange/requestApproval', PATCH, { decision: 'cancel' }],
    [
      'item/permissions/requestApproval',
      { cwd: '/', permissions: { network: { enabled: true } } },
      { permissions: {}, scope: 'turn' },
    ],
    [
      'network/requestApproval',
      { host: 'h', port: 1, protocol: 'http', command: ['c'], availableDecisions: ['accept', 'decline'] },
      { decision: 'decline' },
    ],
    [
      'item/tool/requestUserInput',
      { questions: [{ id: 'a', header: 'A', question: '?', options: null, isOther: true, isSecret: false }] },
      { answers: {} },
    ],
    [
      'mcpServer/elicitation/request',
      { serverName: 's', mode: 'form', message: 'm', requestedSchema: { type: 'object', properties: {} } },
      { action: 'cancel', content: null, _meta: null },
    ],
  ];
  const before = rows.map(([method, params]) => ask(method, params).answer);
  desk.refuseAll();
  const later = rows.map(([method, params]) => ask(method, params).answer);
  for (const answers of [await Promise.all(before), await Promise.all(later)])
    t.strictSame(
      answers,
      rows.map(([, , least]) => least),
    );
  t.equal(desk.first, null);
});

t.test('a form that the chat does not know is declined, and said', async (t) => {
  const { ask, take } = stage();
  const { answer } = ask('mcpServer/elicitation/request', { serverName: 's', mode: 'hologram', message: 'm' });
  t.strictSame(await answer, { action: 'decline', content: null, _meta: null });
  t.strictSame(take(), [['questionDeclined', 'declined: the MCP server s asked in a form that chat cannot show']]);
});

t.test('a stopped desk answers nothing', async (t) => {
  const { desk, methods } = stage();
  t.equal(methods().length, 6);
  desk.stop();
  t.strictSame(methods(), []);
});
