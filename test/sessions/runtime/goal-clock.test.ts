import t from 'tap';
import { createGoalClock } from '../../../server/sessions/runtime/goal-clock.js';

t.test('whole seconds count once; a fraction counts in the next call', (t) => {
  const clock = createGoalClock(10_000);
  t.equal(clock.take(10_999), 0);
  t.equal(clock.take(12_700), 2);
  t.equal(clock.take(13_000), 1);
  t.end();
});

t.test('time before the goal does not count', (t) => {
  const clock = createGoalClock(0);
  clock.restart(60_000);
  t.equal(clock.take(61_500), 1);
  t.end();
});

t.test('nothing counts after the end of the turn', (t) => {
  const clock = createGoalClock(0);
  clock.close();
  clock.restart(1000);
  t.equal(clock.take(60_000), 0);
  t.equal(clock.held, 0);
  t.end();
});
