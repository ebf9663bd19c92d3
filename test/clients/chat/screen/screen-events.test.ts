/** What happens, as entries of the transcript. */
import t from 'tap';
import { screenEvents } from '../../../../clients/chat/screen/screen-events.js';
import { createTranscript } from '../../../../clients/chat/screen/transcript.js';
import { openedState } from '../../../../clients/chat/session/thread-state.js';
import { matchAll, message, opened, turn, type Loose } from '../fake-client.js';

function stage() {
  const transcript = createTranscript();
  const asked: Loose[] = [];
  const ended: number[] = [];
  let now = 5000;
  const screen = screenEvents({
    transcript,
    draw() {},
    ask: (question, changes) => void asked.push([question?.title ?? null, changes]),
    finish: (code) => void ended.push(code),
    now: () => now,
  });
  const notes = () =>
    transcript.entries.flatMap((entry) => (entry.kind === 'note' ? [`${entry.tone}: ${entry.text}`] : []));
  return { transcript, screen, events: screen.events, asked, ended, notes, wait: (ms: number) => (now += ms) };
}
const state = openedState(opened('t') as Loose, []);

t.test('a thread that opens replaces what was shown', async (t) => {
  const { events, transcript, notes } = stage();
  events.note('warning', 'earlier');
  events.opened(state, []);
  t.strictSame(notes(), ['info: session t in /work. /help lists commands and keys.']);
  events.opened(state, [turn('u', 'completed', { items: [message('a', 'i')] }) as Loose]);
  matchAll(t, transcript.entries, [{ item: { text: 'a' } }, { text: 'session t in /work.' }]);
});

t.test('the exit code is that of the last turn, and the time that of the running one', async (t) => {
  const { events, screen, notes, wait } = stage();
  t.equal(screen.code, 0);
  events.stateChanged({ ...state, turnId: 'u' });
  wait(1000);
  events.stateChanged({ ...state, turnId: 'u', name: 'n' });
  t.equal(screen.turnSince, 5000, 'the beginning');
  screen.interrupting();
  events.turnEnded({ status: 'interrupted', error: null });
  events.stateChanged(state);
  t.equal(screen.turnSince, 0);
  t.equal(screen.code, 130);
  events.turnEnded({ status: 'interrupted', error: null });
  t.equal(screen.code, 1, 'another client interrupted this one');
  events.turnEnded({ status: 'failed', error: { message: 'no model' } as Loose });
  t.equal(screen.code, 1);
  events.turnEnded({ status: 'completed', error: null });
  t.equal(screen.code, 0);
  t.strictSame(notes(), ['warning: the turn was interrupted', 'warning: the turn was interrupted', 'error: no model']);
});

t.test('a question about a patch comes with the changes, as they are now', async (t) => {
  const { events, asked, notes } = stage();
  const change = { path: '/a', kind: { type: 'add' }, diff: 'x' };
  events.itemStarted({ type: 'fileChange', id: 'p', changes: [], status: 'inProgress' });
  events.itemGrew({ kind: 'changes', itemId: 'p', changes: [change as Loose] });
  const question = { title: 'Patch?', itemId: 'p' } as Loose;
  events.questionChanged(question);
  events.questionChanged({ ...question, itemId: null });
  events.questionChanged({ ...question, itemId: 'unknown' });
  events.questionChanged(null);
  t.strictSame(asked, [
    ['Patch?', [change]],
    ['Patch?', []],
    ['Patch?', []],
    [null, []],
  ]);
  events.questionWithdrawn(question);
  events.questionDeclined('declined: x');
  t.strictSame(notes(), ['info: settled elsewhere, or no longer needed: Patch?', 'warning: declined: x']);
});

t.test('the end of the server ends the chat', async (t) => {
  const { events, ended, notes } = stage();
  events.stateChanged({ ...state, connection: 'reconnecting' });
  t.strictSame(ended, []);
  events.stateChanged({ ...state, connection: 'closed' });
  t.strictSame(ended, [1]);
  t.strictSame(notes(), ['error: the server has ended']);
});
