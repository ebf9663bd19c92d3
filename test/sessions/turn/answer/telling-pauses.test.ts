/** Pauses between events of an answer: other work gets its turn, and the answer waits for slow subscribers. */
import t from 'tap';
import { until } from '../../../fixtures/until.js';
import { createTellingPauses } from '../../../../server/sessions/turn/answer/telling-pauses.js';

t.test('a pause is a turn of the event loop, and ends when the subscribers have read', async (t) => {
  const steps: string[] = [];
  let read = (): void => {};
  const drained = (): Promise<void> => {
    steps.push('drained asked');
    return new Promise((resolve) => (read = resolve));
  };
  let due = false;
  const pauses = createTellingPauses(
    { drained },
    { rest: () => (due ? new Promise((resolve) => setImmediate(resolve)) : undefined) },
  );
  t.equal(pauses.rest(), undefined, 'within a slice there is no pause');
  due = true;
  const pause = pauses.rest()?.then(() => steps.push('told on'));
  setImmediate(() => steps.push('other work'));
  await until(() => steps.length === 2, 'the other work');
  t.strictSame(steps, ['drained asked', 'other work']);
  read();
  await pause;
  t.strictSame(steps, ['drained asked', 'other work', 'told on']);
});
