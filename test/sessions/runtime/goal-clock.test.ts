import t from 'tap';
import { createGoalClock } from '../../../server/sessions/runtime/goal-clock.js';

t.test('whole seconds are counted once; what is less than a second is counted with what follows', (t) => {
  const clock = createGoalClock(10_000);
  t.equal(clock.take(10_999), 0);
  t.equal(clock.take(12_700), 2);
  t.equal(clock.take(13_000), 1);
  t.end();
});

t.test('what came before the goal is not its time', (t) => {
  const clock = createGoalClock(0);
  clock.restart(60_000);
  t.equal(clock.take(61_500), 1);
  t.end();
});

t.test('nothing is counted behind the end of the turn', (t) => {
  const clock = createGoalClock(0);
  clock.close();
  clock.restart(1000);
  t.equal(clock.take(60_000), 0);
  t.equal(clock.held, 0);
  t.end();
});
