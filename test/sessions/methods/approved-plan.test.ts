import t from 'tap';
import { say } from '../../fixtures/model-server.js';
import { scene } from '../turn/support.js';

t.setTimeout(60_000);

t.test('the model has the plan when the turn begins, also after a restart', async (t) => {
  const first = await scene(t, {}, say('one'), say('two'));
  const prepare = (more: object) =>
    first.daemon.call('thread/prepareApprovedPlan', { threadId: first.threadId, markdown: '# Plan', ...more });
  t.strictSame(await prepare({ attachmentPath: '/none/plan.md' }), { prompt: 'Implement the plan.' });
  await first.turn('Implement the plan.');
  const plan = { type: 'function_call_output', name: 'proposed_plan', namespace: 'agent', output: '# Plan' };
  const inputs = first.input();
  t.match(
    inputs.find(({ name }) => name === 'proposed_plan'),
    plan,
  );
  t.ok(inputs.findIndex(({ name }) => name === 'proposed_plan') < inputs.length - 1, 'before the message');
  const second = await first.again();
  await second.turn('more');
  t.match(
    second.input().find(({ name }) => name === 'proposed_plan'),
    plan,
  );
});

t.test('plans that are refused', async (t) => {
  const { daemon, threadId } = await scene(t);
  const prepare = (more: object) => daemon.request('thread/prepareApprovedPlan', { threadId, markdown: 'x', ...more });
  t.match((await prepare({ markdown: ' ' })).error, { code: -32600, message: 'The approved plan is empty.' });
  t.match((await prepare({ attachmentPath: 'plan.md' })).error, {
    code: -32602,
    message: '`attachmentPath` must be absolute on the app server',
  });
  t.match((await prepare({ markdown: 'x'.repeat(1048577) })).error, {
    code: -32602,
    message: /maximum length of 1048576/,
  });
  t.match((await prepare({ threadId: 'bad' })).error, { code: -32600, message: /^invalid thread id: / });
});
