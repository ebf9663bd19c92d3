/** The argument of the notify program fits into what the system passes on, whatever was said. */
import t from 'tap';
import { notifyArgument, type NotifyPayload } from '../../../server/sessions/turn/notify-argument.js';

const payload = (messages: readonly string[], answer: string | null): NotifyPayload => ({
  type: 'agent-turn-complete',
  'input-messages': messages,
  'last-assistant-message': answer,
});
const MOST = 128 * 1024 - 1;

t.test('an argument that fits is passed completely', (t) => {
  for (const made of [payload([], null), payload(['q'], 'a'), payload(['q'], 'a'.repeat(130_000))])
    t.strictSame(JSON.parse(notifyArgument(made)), made);
  t.end();
});

t.test('what does not fit is cut, with a note', (t) => {
  for (const made of [
    payload(['q'], 'a'.repeat(200_000)),
    payload(['q'.repeat(1_000_000), 'short'], 'answer'),
    payload(['🙂'.repeat(100_000)], '"\\\n'.repeat(100_000)),
    payload(
      Array.from({ length: 20_000 }, (_, n) => `message ${n}`),
      '\u0000'.repeat(500_000),
    ),
  ]) {
    const text = notifyArgument(made);
    t.ok(Buffer.byteLength(text) <= MOST);
    t.notMatch(text, /\\ud83d/, 'no half of a character');
    t.match(JSON.parse(text), { type: 'agent-turn-complete' });
  }
  const told = JSON.parse(notifyArgument(payload(['q'.repeat(1_000_000), 'short'], 'answer'))) as NotifyPayload;
  t.match(told, { 'input-messages': [/q… \(\d+ characters left out\)$/, 'short'], 'last-assistant-message': 'answer' });
  const many = Array.from({ length: 20_000 }, (_, n) => `message ${n}`);
  const newest = JSON.parse(notifyArgument(payload(many, 'a'))) as NotifyPayload;
  t.equal(newest['input-messages'].at(-1), 'message 19999', 'the newest messages stay');
  t.end();
});
