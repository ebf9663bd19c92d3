/** Notifications as events of the shown thread. */
import t from 'tap';
import { listen } from '../../../../clients/chat/session/listen.js';
import { openedState, type ThreadState } from '../../../../clients/chat/session/thread-state.js';
import { fakeClient, matchAll, message, opened, recordedEvents, turn, type Loose } from '../fake-client.js';

const OURS = { threadId: 't' };

function stage() {
  const fake = fakeClient();
  const { events, happened } = recordedEvents();
  const shown: { state: ThreadState | null; change(part: Partial<ThreadState>): void } = {
    state: openedState(opened('t') as Loose, []),
    change: (part) => void (shown.state = { ...shown.state!, ...part }),
  };
  const stop = listen(fake.client, shown, events);
  const take = (): Loose[][] => happened.splice(0);
  return { ...fake, shown, stop, take };
}

t.test('pieces of items are growth of their kind', async (t) => {
  const { notify, take } = stage();
  for (const [method, params, growth] of [
    ['item/agentMessage/delta', { delta: 'a' }, { kind: 'message', text: 'a' }],
    ['item/plan/delta', { delta: 'a' }, { kind: 'plan', text: 'a' }],
    ['item/reasoning/summaryTextDelta', { delta: 'a', summaryIndex: 2n }, { kind: 'summary', text: 'a', index: 2 }],
    ['item/commandExecution/outputDelta', { delta: 'a' }, { kind: 'output', text: 'a' }],
    ['item/fileChange/patchUpdated', { changes: [1] }, { kind: 'changes', changes: [1] }],
    ['item/mcpToolCall/progress', { message: 'a' }, { kind: 'progress', text: 'a' }],
  ] as const) {
    notify(method, { ...OURS, itemId: 'i', ...params });
    t.strictSame(take(), [['itemGrew', { itemId: 'i', ...growth }]], method);
    notify(method, { threadId: 'another', itemId: 'i', ...params });
    t.strictSame(take(), [], `${method} of another thread`);
  }
  const item = message('a', 'i');
  notify('item/started', { ...OURS, item });
  notify('item/completed', { ...OURS, item });
  notify('turn/plan/updated', { ...OURS, plan: [{ step: 's', status: 'pending' }] });
  t.strictSame(take(), [
    ['itemStarted', item],
    ['itemCompleted', item],
    ['plan', [{ step: 's', status: 'pending' }], null],
  ]);
});

t.test('the state follows turns, settings, names and tokens', async (t) => {
  const { notify, shown, take } = stage();
  notify('turn/started', { ...OURS, turn: turn('u') });
  t.equal(shown.state?.turnId, 'u');
  notify('turn/completed', { ...OURS, turn: turn('earlier', 'completed') });
  t.equal(shown.state?.turnId, 'u', 'another turn has ended');
  notify('turn/completed', { ...OURS, turn: turn('u', 'failed', { error: { message: 'no' } }) });
  t.equal(shown.state?.turnId, null);
  matchAll(t, take(), [
    ['turnEnded', { status: 'completed' }],
    ['turnEnded', { status: 'failed', error: { message: 'no' } }],
  ]);
  notify('thread/name/updated', { ...OURS, threadName: 'named' });
  notify('thread/tokenUsage/updated', { ...OURS, tokenUsage: { total: {} } });
  notify('thread/settings/updated', {
    ...OURS,
    threadSettings: {
      model: 'other',
      modelProvider: 'p',
      effort: 'high',
      cwd: '/else',
      sandboxPolicy: { type: 'workspaceWrite', networkAccess: true },
      approvalPolicy: 'never',
    },
  });
  t.match(shown.state, {
    name: 'named',
    usage: { total: {} },
    model: 'other',
    effort: 'high',
    cwd: '/else',
    permissions: 'workspace-write with network',
    approvals: 'never',
  });
});

t.test('an error is shown once: when it comes, or at the end of its turn', async (t) => {
  const { notify, take } = stage();
  const failed = (id: string) => ({ ...OURS, turn: turn(id, 'failed', { error: { message: 'no model' } }) });
  notify('error', { ...OURS, error: { message: 'no model', additionalDetails: 'at all' }, willRetry: false });
  notify('turn/completed', failed('u'));
  t.strictSame(take(), [
    ['note', 'error', 'no model (at all)'],
    ['turnEnded', { status: 'failed', error: null }],
  ]);
  notify('turn/started', { ...OURS, turn: turn('v') });
  notify('turn/completed', failed('v'));
  matchAll(t, take(), [['turnEnded', { error: { message: 'no model' } }]], 'the next turn has the same error');
  notify('error', { ...OURS, error: { message: 'no model' }, willRetry: true });
  notify('turn/completed', failed('v'));
  matchAll(t, take(), [
    ['note', 'warning', 'no model'],
    ['turnEnded', { error: { message: 'no model' } }],
  ]);
});

t.test('warnings of the thread and of the server are notes', async (t) => {
  const { notify, take } = stage();
  const run = { eventName: 'stop', status: 'blocked', entries: [{ text: 'because' }] };
  for (const [method, params, said] of [
    ['warning', { message: 'w' }, 'w'],
    ['guardianWarning', { message: 'g' }, 'g'],
    ['configWarning', { summary: 's', details: 'd' }, 's\nd'],
    ['configWarning', { summary: 's', details: null }, 's'],
    ['deprecationNotice', { summary: 'old' }, 'old'],
    ['model/rerouted', { fromModel: 'a', toModel: 'b' }, 'the model is b now, not a'],
    ['mcpServer/startupStatus/updated', { name: 'x', status: 'failed', error: 'e' }, 'MCP server x did not start: e'],
    ['hook/completed', { run }, 'hook stop blocked\nbecause'],
    ['thread/closed', {}, 'the server has closed this session; /resume opens it again'],
    ['thread/deleted', {}, 'this session was deleted'],
  ] as const) {
    notify(method, { ...OURS, ...params });
    t.strictSame(take(), [['note', 'warning', said]], method);
  }
  notify('mcpServer/startupStatus/updated', { ...OURS, name: 'x', status: 'ready' });
  notify('hook/completed', { ...OURS, run: { ...run, status: 'completed' } });
  notify('warning', { threadId: 'another', message: 'w' });
  t.strictSame(take(), []);
  notify('warning', { threadId: null, message: 'for all' });
  t.strictSame(take(), [['note', 'warning', 'for all']]);
});

t.test('before a thread is open, only notifications of no thread count; after the end none', async (t) => {
  const { notify, shown, take, stop, methods } = stage();
  shown.state = null;
  notify('turn/started', { ...OURS, turn: turn('u') });
  notify('thread/settings/updated', { threadSettings: {} });
  notify('configWarning', { summary: 's', details: null });
  t.strictSame(take(), [['note', 'warning', 's']]);
  t.equal(shown.state, null);
  stop();
  t.strictSame(methods(), []);
});
