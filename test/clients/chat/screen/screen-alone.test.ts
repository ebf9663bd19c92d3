/** The screen without a server and without a terminal: its begin, its end, and a question. */
import type { Terminal } from '@earendil-works/pi-tui';
import t from 'tap';
import { PAUSE_MS } from '../../../../clients/chat/screen/question-panel.js';
import { runScreen } from '../../../../clients/chat/screen/run-screen.js';
import type { ChatRun } from '../../../../clients/chat/commands/command-host.js';
import { FRAME_MS } from '../../../../clients/chat/screen/status-lines.js';
import { elapse, until } from '../../../fixtures/until.js';
import { fakeClient, opened, turn } from '../fake-client.js';

function stage(open: ChatRun['open']) {
  const fake = fakeClient();
  fake.answer('thread/start', () => opened('t'));
  let written = '';
  let type: (data: string) => void = () => {};
  let stopped = 0;
  let end: () => void = () => {};
  const terminal: Terminal = {
    start: (onInput) => void (type = onInput),
    stop: () => void (stopped += 1),
    drainInput: async () => {},
    write: (data) => void (written += data),
    columns: 80,
    rows: 24,
    kittyProtocolActive: false,
    moveBy() {},
    hideCursor() {},
    showCursor() {},
    clearLine() {},
    clearFromCursor() {},
    clearScreen() {},
    setTitle() {},
    setProgress() {},
  };
  const run = { wishes: {}, ephemeral: false, open, prompt: null, images: [], sendsImages: false };
  const onEnd = (listener: () => void) => {
    end = listener;
    return () => {};
  };
  const ended = runScreen(fake.client, run, { environment: { NO_COLOR: '1' }, terminal, onEnd, takeLog() {} });
  const shows = (pattern: RegExp) =>
    until(
      () => pattern.test(written),
      () => `${String(pattern)} in:\n${written}`,
    );
  return {
    ...fake,
    ended,
    shows,
    written: () => written,
    keys: (data: string) => type(data),
    end: () => end(),
    stopped: () => stopped,
  };
}

const BREAK = '\u0003';
const ENTER = '\r';
const never: ChatRun['open'] = () => new Promise<void>(() => {});
const choosing: ChatRun['open'] = async (session, { pick }) => {
  if ((await pick('Which?', [{ value: 'a', label: 'A', about: '' }])) === null) throw new Error('nothing was chosen');
  await session.start();
};

t.test('Ctrl-C twice and a signal leave a chat whose session is not open yet', async (t) => {
  for (const open of [never, choosing]) {
    const { ended, end, shows, sent, stopped } = stage(open);
    await shows(/connecting/);
    end();
    t.equal(await ended, 1);
    t.strictSame(sent, [['close', null]]);
    t.equal(stopped(), 1, 'the terminal is as it was');
  }
  const { ended, keys, shows } = stage(never);
  await shows(/connecting/);
  keys(BREAK);
  keys(BREAK);
  t.equal(await ended, 0);
});

t.test('Ctrl-C closes a list', async (t) => {
  const { ended, keys, shows } = stage(choosing);
  await shows(/Which\?/);
  keys(BREAK);
  await t.rejects(ended, { message: 'nothing was chosen' });
});

t.test('a message that comes too early stays in the editor', async (t) => {
  let open: () => void = () => {};
  const { ended, keys, shows, sent, notify } = stage(async (session) => {
    await new Promise<void>((resolve) => (open = resolve));
    await session.start();
  });
  await shows(/connecting/);
  keys('hello');
  keys(ENTER);
  await shows(/the session is not open yet/);
  open();
  await shows(/m · read-only, on-request/);
  keys(ENTER);
  await until(() => sent.some(([method]) => method === 'turn/start'), 'the message is sent');
  t.match(sent.at(-1), ['turn/start', { input: [{ text: 'hello' }] }]);
  notify('turn/started', { threadId: 't', turn: turn('u') });
  keys(BREAK);
  await until(() => sent.some(([method]) => method === 'turn/interrupt'), 'the turn is interrupted');
  notify('turn/completed', { threadId: 't', turn: turn('u', 'interrupted') });
  keys('/quit');
  keys(ENTER);
  t.equal(await ended, 130);
});

t.test('while a question is open nothing is drawn again, so that the person can scroll', async (t) => {
  const { ended, keys, shows, notify, ask, written } = stage((session) => session.start());
  await shows(/m · read-only/);
  notify('turn/started', { threadId: 't', turn: turn('u') });
  await shows(/working/);
  const { answer } = ask('item/commandExecution/requestApproval', {
    kind: 'command',
    itemId: 'i',
    command: Array.from({ length: 100 }, (_none, index) => `echo ${index}`).join('\n'),
    cwd: '/',
  });
  await shows(/waiting for an answer[^]*echo 0\b[^]*echo 99[^]*\[y\] Yes/);
  const before = written();
  await elapse(4 * FRAME_MS, 'frames would have been drawn');
  t.equal(written(), before);
  await elapse(PAUSE_MS, 'a question takes keys only after a pause of the keyboard');
  keys('y');
  t.strictSame(await answer, { decision: 'accept' });
  keys(BREAK);
  keys(BREAK);
  await ended;
});
