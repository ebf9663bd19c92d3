import t from 'tap';
import { createShownThread } from '../../../clients/console/state/shown-thread.js';
import { createThreads, statusOf, titleOf, type Thread } from '../../../clients/console/state/threads.js';
import { fakeServer } from './fake-server.js';

const thread = (id: string, type = 'notLoaded'): Thread =>
  ({ id, name: null, preview: '', path: null, status: { type }, turns: [] }) as unknown as Thread;
const ids = (list: readonly Thread[]): string[] => list.map(({ id }) => id);

t.test('the list follows what the daemon tells every client', async (t) => {
  const fake = fakeServer();
  const threads = createThreads(fake.server);
  fake.answer('thread/list', { data: [thread('a'), thread('b')], nextCursor: 'n' });
  await threads.refresh();
  fake.notify('thread/started', { thread: thread('c') });
  fake.notify('thread/status/changed', {
    threadId: 'a',
    status: { type: 'active', activeFlags: ['waitingOnApproval'] },
  });
  fake.notify('thread/name/updated', { threadId: 'b', threadName: 'Bee' });
  const words = (text: string): object => ({
    threadId: 'a',
    item: { type: 'userMessage', content: [{ type: 'text', text }] },
  });
  fake.notify('item/completed', words('first words'));
  fake.notify('item/completed', words('later words'));
  fake.notify('thread/archived', { threadId: 'c' });
  t.equal(titleOf(threads.list.value[0] ?? thread('x')), 'first words');
  t.strictSame(ids(threads.list.value), ['a', 'b']);
  t.strictSame(statusOf(threads.list.value[0] ?? thread('x')), { tone: 'warn', text: 'needs approval' });
  t.equal(titleOf(threads.list.value[1] ?? thread('x')), 'Bee');
  t.equal(threads.more.value, true);
  fake.answer('thread/list', { data: [thread('d')], nextCursor: null });
  await threads.loadMore();
  t.match(fake.requests.at(-1)?.params, { cursor: 'n' });
  t.strictSame(ids(threads.list.value), ['a', 'b', 'd']);
});

t.test('a slow answer to an earlier search is not shown', async (t) => {
  const fake = fakeServer();
  const threads = createThreads(fake.server);
  const waiting: ((page: object) => void)[] = [];
  fake.answer('thread/list', () => new Promise((resolve) => waiting.push(resolve)));
  const first = threads.setFilter({ search: 'a', archived: false });
  const second = threads.setFilter({ search: ' ab ', archived: false });
  await Promise.resolve();
  t.match(fake.requests.at(-1)?.params, { searchTerm: 'ab' });
  waiting[1]?.({ data: [thread('second')], nextCursor: null });
  waiting[0]?.({ data: [thread('first')], nextCursor: null });
  await Promise.all([first, second]);
  t.strictSame(ids(threads.list.value), ['second']);
});

t.test('a stored thread is read, and loaded when a message is sent', async (t) => {
  const fake = fakeServer();
  fake.answer('thread/read', { thread: thread('a') });
  const shown = createShownThread(fake.server);
  await shown.show('a');
  const opened = shown.opened.value;
  t.equal(opened?.settings.value, null);
  fake.answer('thread/resume', { thread: thread('a', 'idle'), model: 'm' });
  fake.answer('turn/start', {});
  await opened?.send('hello');
  t.strictSame(
    fake.requests.map(({ method }) => method),
    ['thread/read', 'thread/read', 'thread/resume', 'turn/start'],
  );
});

t.test('a running turn is steered, interrupted, and caught up with by number', async (t) => {
  const fake = fakeServer();
  fake.answer('thread/read', { thread: thread('a', 'idle') });
  fake.answer('thread/resume', { thread: thread('a', 'idle'), model: 'm' });
  fake.answer('turn/steer', {});
  fake.answer('turn/interrupt', {});
  const shown = createShownThread(fake.server);
  await shown.show('a');
  const turn = { id: 'u', status: 'inProgress', items: [], error: null };
  fake.notify('turn/started', { threadId: 'a', turn }, { sequence: 7 });
  fake.notify('turn/started', { threadId: 'other', turn: { ...turn, id: 'v' } }, { sequence: 90 });
  await shown.opened.value?.send('more');
  t.match(fake.requests.at(-1), { method: 'turn/steer', params: { expectedTurnId: 'u' } });
  await shown.opened.value?.interrupt();
  t.match(fake.requests.at(-1), { method: 'turn/interrupt', params: { turnId: 'u' } });
  fake.answer('thread/resume', { thread: thread('a', 'idle'), model: 'm', caughtUp: true, sequence: 8 });
  await shown.reconnected();
  t.match(fake.requests.at(-1)?.params, { afterSequence: 7 });
  t.equal(shown.opened.value?.timeline.value.activeTurnId, 'u', 'what was there stays');
});

t.test('the latest wish counts, and what is left is unsubscribed from', async (t) => {
  const fake = fakeServer();
  fake.answer('thread/read', { thread: thread('a', 'idle') });
  fake.answer('thread/resume', { thread: thread('a', 'idle'), model: 'm' });
  fake.answer('thread/unsubscribe', {});
  const shown = createShownThread(fake.server);
  const first = shown.show('a');
  await shown.show(null);
  await first;
  t.equal(shown.opened.value, null);
  t.equal(fake.requests.at(-1)?.method, 'thread/unsubscribe');
});

t.test('a started thread needs no resume, and a thread without a message is followed at its first turn', async (t) => {
  const fake = fakeServer();
  fake.answer('thread/start', { thread: thread('n', 'idle'), model: 'm' });
  fake.answer('thread/unsubscribe', {});
  const shown = createShownThread(fake.server);
  t.equal(await shown.start({}), 'n');
  t.equal(shown.opened.value?.settings.value?.model, 'm');
  fake.answer('thread/read', { thread: thread('o', 'idle') });
  fake.answer('thread/resume', new Error('no rollout'));
  await shown.show('o');
  t.equal(shown.opened.value?.settings.value, null);
  fake.answer('thread/resume', { thread: thread('o', 'active'), model: 'late' });
  fake.notify('thread/status/changed', { threadId: 'o', status: { type: 'active', activeFlags: [] } });
  await Promise.resolve();
  await Promise.resolve();
  t.equal(shown.opened.value?.settings.value?.model, 'late');
});
