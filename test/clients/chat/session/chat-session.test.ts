/** One thread of a server: messages, other threads, lost connections. */
import t from 'tap';
import { ConnectionLostError, ServerError } from '../../../../clients/typescript/index.js';
import { createSession } from '../../../../clients/chat/session/chat-session.js';
import { fakeClient, matchAll, opened, recordedEvents, turn, type Loose } from '../fake-client.js';

function stage(wishes: object = {}) {
  const fake = fakeClient();
  const { events, happened } = recordedEvents();
  const session = createSession(fake.client, { wishes, ephemeral: false }, events);
  fake.answer('thread/start', () => opened('t'));
  const take = (): Loose[][] => happened.splice(0);
  const requests = (): FakeRequests => fake.sent.splice(0);
  return { ...fake, session, take, requests };
}
type FakeRequests = [method: string, params: Loose][];

const LOST = { kind: 'reconnecting', attempt: 1 };
const BACK = { kind: 'connected', reconnected: true };
/** Promises that are settled already have run. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

t.test('a new and a resumed thread; the old one is left', async (t) => {
  const { session, answer, take, requests } = stage({ cwd: '/here', model: 'm' });
  t.throws(() => session.state, { message: 'no thread is open' });
  await session.start();
  t.strictSame(requests(), [['thread/start', { cwd: '/here', model: 'm', ephemeral: false }]]);
  matchAll(t, take(), [['opened', { id: 't', turnId: null, connection: 'connected' }, []]]);
  const page = { data: [turn('new'), turn('old', 'completed')] };
  answer('thread/resume', () => opened('r', { initialTurnsPage: page }));
  await session.resume('r');
  matchAll(t, requests(), [
    ['thread/resume', { threadId: 'r', model: 'm', excludeTurns: true, cwd: undefined }],
    ['thread/unsubscribe', { threadId: 't' }],
  ]);
  matchAll(
    t,
    take(),
    [['opened', { id: 'r', turnId: 'new' }, [{ id: 'old' }, { id: 'new' }]]],
    'the newest is the last',
  );
});

t.test('a session that does not open leaves the shown one as it is', async (t) => {
  const { session, answer, take, requests } = stage();
  await session.start();
  take();
  requests();
  answer('thread/resume', () => Promise.reject(new Error('it is archived')));
  const resuming = session.resume('r');
  const sending = session.send('for the other one', []);
  await t.rejects(resuming, { message: 'it is archived' });
  await t.rejects(sending, { message: 'not sent, because the other session did not open: it is archived' });
  matchAll(t, requests(), [['thread/resume', {}]], 'nothing was left, nothing was sent');
  t.equal(session.state.id, 't');
  await session.send('for this one', []);
  matchAll(t, requests(), [['turn/start', { threadId: 't' }]]);
  answer('thread/resume', () => opened('t'));
  await session.resume('t');
  matchAll(t, requests(), [['thread/resume', { threadId: 't' }]], 'the same session stays subscribed');
});

t.test('a message that is sent while another session opens goes to that one', async (t) => {
  const { session, answer, requests } = stage();
  await session.start();
  requests();
  let open: () => void = () => {};
  answer('thread/start', () => new Promise((resolve) => (open = () => resolve(opened('new')))));
  const starting = session.start();
  const sending = session.send('hello', []);
  await settled();
  matchAll(t, requests(), [['thread/start', {}]]);
  open();
  await Promise.all([starting, sending]);
  matchAll(t, requests(), [
    ['thread/unsubscribe', { threadId: 't' }],
    ['turn/start', { threadId: 'new' }],
  ]);
});

t.test('a message starts a turn, or goes to the running one', async (t) => {
  const { session, notify, answer, requests } = stage();
  await session.start();
  requests();
  const image = { type: 'localImage' as const, path: '/a.png' };
  await session.send('look', [image]);
  const [[method, params] = []] = requests();
  t.equal(method, 'turn/start');
  t.match(params, { threadId: 't', input: [image, { type: 'text', text: 'look' }] });
  t.ok(session.isOwn(params.clientUserMessageId));
  t.notOk(session.isOwn('another'));
  t.notOk(session.isOwn(null));
  t.equal(await session.interrupt(), false, 'no turn runs');
  notify('turn/started', { threadId: 't', turn: turn('u') });
  await session.send('', [image]);
  matchAll(t, requests(), [['turn/steer', { threadId: 't', expectedTurnId: 'u', input: [image] }]]);
  t.equal(await session.interrupt(), true);
  t.strictSame(requests(), [['turn/interrupt', { threadId: 't', turnId: 'u' }]]);
  answer('turn/steer', () => Promise.reject(new ServerError('turn/steer', { code: 1, message: 'has ended' })));
  await session.send('late', []);
  matchAll(t, requests(), [['turn/steer'], ['turn/start', { input: [{ text: 'late' }] }]]);
  await session.change({ model: 'n' });
  t.strictSame(requests(), [['thread/settings/update', { model: 'n', threadId: 't' }]]);
});

t.test('a message of a lost connection is sent again under its id; another error is not', async (t) => {
  const { session, answer, requests } = stage();
  await session.start();
  requests();
  let tries = 0;
  answer('turn/start', () => {
    if ((tries += 1) < 3) throw new ConnectionLostError('turn/start', new Error('gone'));
    return {};
  });
  await session.send('hello', []);
  const ids = requests().map(([, { clientUserMessageId }]) => clientUserMessageId);
  t.equal(ids.length, 3);
  t.equal(new Set(ids).size, 1);
  answer('turn/start', () => Promise.reject(new Error('no')));
  await t.rejects(session.send('hello', []), { message: 'no' });
  t.equal(requests().length, 1);
});

t.test('after a lost connection: what was missed, or the thread from its start', async (t) => {
  const { session, answer, link, take, requests } = stage();
  link(LOST);
  link(BACK);
  t.strictSame(requests(), [], 'no thread was open');
  take();
  await session.start();
  take();
  requests();
  answer('thread/resume', () => opened('t', { caughtUp: true }));
  link(LOST);
  matchAll(t, take(), [
    ['stateChanged', { connection: 'reconnecting' }],
    ['note', 'warning', 'the connection is lost; trying again'],
  ]);
  link({ kind: 'reconnecting', attempt: 2 });
  t.strictSame(take(), [], 'it is said once');
  link(BACK);
  await settled();
  matchAll(t, requests(), [['thread/resume', { threadId: 't', excludeTurns: true }]]);
  matchAll(t, take(), [
    ['stateChanged', { connection: 'connected' }],
    ['note', 'info', 'connected again'],
  ]);
  answer('thread/resume', () => opened('t', { initialTurnsPage: { data: [turn('u', 'completed')] } }));
  link(LOST);
  take();
  link(BACK);
  await settled();
  matchAll(t, take(), [
    ['opened', { connection: 'connected' }, [{ id: 'u' }]],
    ['note', 'info', 'connected again'],
  ]);
});

t.test('a thread that cannot be resumed has no turn any more', async (t) => {
  const { session, answer, notify, link, take } = stage();
  await session.start();
  notify('turn/started', { threadId: 't', turn: turn('u') });
  answer('thread/resume', () => Promise.reject(new Error('it is gone')));
  link(LOST);
  take();
  link(BACK);
  await settled();
  matchAll(t, take(), [
    ['stateChanged', { connection: 'connected', turnId: null }],
    ['note', 'error', 'the session cannot be resumed: it is gone. /new starts another one.'],
    ['turnEnded', { status: 'failed', error: null }],
  ]);
});

t.test('the end: of the server, and of the session', async (t) => {
  const { session, link, take, methods, requests } = stage();
  await session.start();
  take();
  link({ kind: 'closed' });
  matchAll(t, take(), [['stateChanged', { connection: 'closed', turnId: null }]]);
  requests();
  await session.close();
  t.strictSame(methods(), [], 'nothing listens any more');
  t.strictSame(requests(), [['close', null]]);
});
