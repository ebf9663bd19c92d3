/** What a review shares with its thread and turn, and what it has for itself (review.test.ts tests the effects). */
import t from 'tap';
import type { RuntimePart } from '../../../server/sessions/runtime/part.js';
import type { NewRecord } from '../../../server/sessions/store/records/rollout-record.js';
import { reviewRuntime } from '../../../server/sessions/turn/review-runtime.js';
import { createWorld, message, notes } from '../live/support.js';

const response = (role: string, text: string): NewRecord => ({
  type: 'response_item',
  payload: { type: 'message', role, content: [{ type: 'output_text', text }] },
});

t.test('a review shares all but the work with its thread, and everything with its turn', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const turn = thread.beginTurn();
  const apart = reviewRuntime(thread, turn, { baseInstructions: 'review' });
  const [own, ofThread] = [apart.thread.runtime, thread.runtime].map(
    (runtime) => runtime as unknown as Readonly<Record<string, RuntimePart>>,
  );
  t.same(Object.keys(own!).sort(), Object.keys(ofThread!).sort());
  t.same(
    Object.keys(ofThread!).filter((name) => own![name] !== ofThread![name]),
    ['work'],
  );
  t.equal(apart.turn.runtime, turn.runtime);
  t.equal(apart.thread.turn, apart.turn, 'its turn is the one that runs');
  t.equal(apart.thread.state.baseInstructions, 'review');
  t.equal(thread.state.baseInstructions, null);
  await turn.end({ status: 'completed' });
  t.equal(apart.turn.ending, true);
  t.equal(apart.thread.turn, null);
});

t.test('the reviewer’s messages are kept apart; other items are reported as usual', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const client = await world.join(thread);
  const turn = thread.beginTurn();
  const apart = reviewRuntime(thread, turn, { baseInstructions: 'review' });
  const { id: threadId } = thread;
  apart.turn.itemStarted(message('a', ''));
  apart.thread.events.notify('item/agentMessage/delta', { threadId, turnId: turn.id, itemId: 'a', delta: 'said' });
  apart.turn.itemCompleted(message('a', 'said'), [response('assistant', 'said')]);
  apart.thread.record([response('user', 'asked')]);
  apart.turn.itemCompleted({ type: 'plan', id: 'p', text: 'a plan' });
  t.same(await apart.thread.runtime.work.history.items(), [
    response('assistant', 'said').payload,
    response('user', 'asked').payload,
  ]);
  t.same(await thread.runtime.work.history.items(), []);
  t.same(apart.lastMessage(), response('assistant', 'said').payload);
  await turn.end({ status: 'completed' });
  t.same(
    notes(client)
      .filter(({ method }) => method!.startsWith('item/'))
      .map(({ method, params }) => [method, (params!.item as { id: string }).id]),
    [
      ['item/started', 'p'],
      ['item/completed', 'p'],
    ],
  );
  apart.close();
  t.equal(apart.thread.runtime.work.held, 0);
});
