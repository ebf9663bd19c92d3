/** The chat as lines, without a server. */
import { PassThrough } from 'node:stream';
import t from 'tap';
import { runPlain } from '../../../../clients/chat/plain/run-plain.js';
import type { ChatRun } from '../../../../clients/chat/commands/command-host.js';
import { until } from '../../../fixtures/until.js';
import { fakeClient, opened, turn } from '../fake-client.js';

const T = { threadId: 't' };

function stage(run: Partial<ChatRun> = {}) {
  const fake = fakeClient();
  fake.answer('thread/start', () => opened('t'));
  const input = new PassThrough();
  let output = '';
  const listeners: Record<'interrupt' | 'unheard', () => void> = { interrupt() {}, unheard() {} };
  const ended = runPlain(
    fake.client,
    {
      wishes: {},
      ephemeral: false,
      open: (session) => session.start(),
      prompt: null,
      images: [],
      sendsImages: false,
      ...run,
    },
    {
      input,
      write: (text) => void (output += text),
      onInterrupt: (listener) => {
        listeners.interrupt = listener;
        return () => {};
      },
      onUnheard: (listener) => {
        listeners.unheard = listener;
        return () => {};
      },
    },
  );
  const sees = (pattern: RegExp) =>
    until(
      () => pattern.test(output),
      () => `${String(pattern)} in:\n${output}`,
    );
  const sends = (method: string, times = 1) =>
    until(
      () => fake.sent.filter(([sent]) => sent === method).length >= times,
      () => `${times} ${method}`,
    );
  const completed = (id: string, status = 'completed') =>
    fake.notify('turn/completed', { ...T, turn: turn(id, status, { error: null }) });
  return { ...fake, input, ended, listeners, sees, sends, completed };
}

t.test('Ctrl-C leaves before a session is open: in a list, and when the server does not answer', async (t) => {
  const ways: ChatRun['open'][] = [
    (_session, { pick }) => pick('Which?', [{ value: 'a', label: 'A', about: '' }]).then(() => {}),
    () => new Promise<void>(() => {}),
  ];
  for (const open of ways) {
    const { ended, listeners, sent } = stage({ open });
    listeners.interrupt();
    t.equal(await ended, 130);
    t.strictSame(sent, [['close', null]]);
  }
});

t.test('the first Ctrl-C interrupts the turn, and the exit code says so', async (t) => {
  const { input, ended, listeners, notify, sends, sees, completed } = stage();
  input.write('go\n');
  await sends('turn/start');
  notify('turn/started', { ...T, turn: turn('u') });
  listeners.interrupt();
  await sends('turn/interrupt');
  completed('u', 'interrupted');
  await sees(/interrupting; once more leaves\nthe turn was interrupted\n/);
  input.end();
  t.equal(await ended, 130);
});

t.test('when nobody reads the output, the chat ends as a program in a pipe does', async (t) => {
  const { input, ended, listeners, sends } = stage();
  input.write('go\n');
  await sends('turn/start');
  listeners.unheard();
  t.equal(await ended, 141);
});

t.test('a turn whose end was missed does not stop the next line', async (t) => {
  const { input, ended, answer, link, notify, sends, sees, completed } = stage();
  input.end('one\ntwo\n');
  await sends('turn/start');
  notify('turn/started', { ...T, turn: turn('u') });
  answer('thread/resume', () => opened('t', { initialTurnsPage: { data: [turn('u', 'completed')] } }));
  link({ kind: 'reconnecting', attempt: 1 });
  link({ kind: 'connected', reconnected: true });
  await sends('turn/start', 2);
  await sees(/connected again/);
  notify('turn/started', { ...T, turn: turn('v') });
  completed('v');
  t.equal(await ended, 0);
});

t.test('a missed end that is not known, and a session that is gone, are failures', async (t) => {
  for (const resumed of [() => opened('t'), () => Promise.reject(new Error('it is gone'))]) {
    const { input, ended, answer, link, sends } = stage();
    input.end('one\n');
    await sends('turn/start');
    answer('thread/resume', resumed);
    // The response of `turn/start` was handled.
    await new Promise((resolve) => setImmediate(resolve));
    link({ kind: 'reconnecting', attempt: 1 });
    link({ kind: 'connected', reconnected: true });
    t.equal(await ended, 1);
  }
});

t.test('a turn that still runs after a lost connection is waited for', async (t) => {
  const { input, ended, answer, link, sends, sees, sent, completed } = stage();
  input.end('one\ntwo\n');
  await sends('turn/start');
  await new Promise((resolve) => setImmediate(resolve));
  answer('thread/resume', () => opened('t', { initialTurnsPage: { data: [turn('u')] } }));
  link({ kind: 'reconnecting', attempt: 1 });
  link({ kind: 'connected', reconnected: true });
  await sees(/connected again/);
  t.equal(sent.filter(([method]) => method === 'turn/start').length, 1);
  completed('u');
  await sends('turn/start', 2);
  completed('v');
  t.equal(await ended, 0);
});

t.test('a command in a question runs, and the next line is the answer', async (t) => {
  const { input, ended, ask, sends, sees, completed } = stage();
  input.write('go\n');
  await sends('turn/start');
  const { answer } = ask('item/commandExecution/requestApproval', {
    kind: 'command',
    itemId: 'i',
    command: 'ls',
    cwd: '/',
  });
  input.write('/status\n/new\n/nope\n1\n');
  t.strictSame(await answer, { decision: 'accept' });
  await sees(/Question: Run this command\?[^]*session +t\n[^]*Still open: Run this command\?\n {2}1\. Yes, this once/);
  await sees(/error: \/new: a question is open: answer it first[^]*Please answer with a number[^]*answered: Yes/);
  completed('u');
  input.end();
  t.equal(await ended, 0);
});
