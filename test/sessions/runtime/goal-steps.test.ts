import t from 'tap';
import { createGoalSteps } from '../../../server/sessions/runtime/goal-steps.js';
import { elapse } from '../../fixtures/until.js';

t.test('only one step waits: a later one replaces it, and it can be cancelled', async (t) => {
  const steps = createGoalSteps();
  const taken: string[] = [];
  steps.later(() => taken.push('first'), 10);
  steps.later(() => taken.push('second'), 10);
  t.equal(steps.held, 1);
  await elapse(50, 'the first step would be taken after 10 ms');
  t.same(taken, ['second']);
  t.equal(steps.held, 0, 'a step that was taken waits no longer');
  steps.later(() => taken.push('third'), 10);
  steps.cancel();
  await elapse(50, 'the step would be taken after 10 ms');
  t.same(taken, ['second']);
});

t.test('a waiting step does not run after the thread is closed, and no new one can wait', async (t) => {
  const steps = createGoalSteps();
  steps.turnId = 'a';
  steps.later(() => t.fail('a step'), 10);
  t.equal(steps.held, 2);
  steps.close();
  steps.later(() => t.fail('a late step'), 0);
  await elapse(50, 'the step would be taken after 10 ms');
  t.equal(steps.held, 0);
});
