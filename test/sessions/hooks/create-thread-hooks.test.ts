import t from 'tap';
import { until } from '../../fixtures/until.js';
import { hook, hookedWork, prints } from './support.js';

t.test('an event without hooks needs nothing, and clients receive the runs of its hooks', async (t) => {
  const { thread, turn, told } = await hookedWork(t, [hook('stop', 'true', { matcher: 'ignored' })]);
  const { hooks } = thread.runtime;
  t.same([hooks.has('stop'), hooks.has('interrupt')], [true, false]);
  t.same(await hooks.run('interrupt', { names: [], input: {} }, turn), []);
  const results = await hooks.run('stop', { names: [], input: {} }, turn);
  t.match(results, [{ runId: 'stop:0:/home/hooks.json', answer: { status: 'completed' } }]);
  const about = { threadId: thread.id, turnId: turn.id };
  t.match(told('hook/started'), [{ ...about, run: { status: 'running' } }]);
  t.match(told('hook/completed'), [{ ...about, run: { status: 'completed' } }]);
});

t.test('hooks for one name, and not for another', async (t) => {
  const { thread, turn } = await hookedWork(t, [
    hook('preToolUse', 'true', { matcher: 'Bash' }),
    hook('preToolUse', 'true', { matcher: 'Edit|Write' }),
    hook('preToolUse', 'true'),
  ]);
  const ran = async (names: string[], except: string[] = []) =>
    (await thread.runtime.hooks.run('preToolUse', { names, except, input: {} }, turn)).map(
      (one) => one.hook.displayOrder,
    );
  t.same(await ran(['Bash']), [0, 2]);
  t.same(await ran(['apply_patch', 'Edit', 'Write'], ['Bash']), [1], 'those that have run already are left out');
});

t.test('nobody waits for an asynchronous hook; its answer comes later', async (t) => {
  const context = prints({
    systemMessage: 'sm',
    hookSpecificOutput: { hookEventName: 'Stop', additionalContext: 'later' },
  });
  const { thread, turn, told } = await hookedWork(t, [hook('userPromptSubmit', context, { async: true })]);
  const { hooks } = thread.runtime;
  t.same(await hooks.run('userPromptSubmit', { names: [], input: {} }, turn), []);
  await until(() => hooks.held > 0, 'the hook has answered');
  t.match(hooks.takeLate(), [{ entries: [{ kind: 'warning' }, { kind: 'context', text: 'later' }] }]);
  t.same(hooks.takeLate(), []);
  t.same(told('hook/started'), [], 'it is not told to clients');
});

t.test('the end of the session runs its hooks, and closing ends them all', async (t) => {
  const { thread, runs } = await hookedWork(t, [
    hook('sessionEnd', 'grep -q SessionEnd'),
    hook('sessionEnd', 'true', { matcher: 'clear' }),
    hook('sessionEnd', 'sleep 60', { timeoutSec: 1 }),
  ]);
  const { hooks } = thread.runtime;
  await hooks.end();
  t.match(runs(), [
    { scope: 'thread', status: 'completed' },
    { status: 'failed', entries: [{ text: 'hook timed out after 1s' }] },
  ]);
  hooks.close();
  t.equal(hooks.held, 0);
  t.notOk(hooks.has('sessionEnd'));
  await hooks.end();
});
