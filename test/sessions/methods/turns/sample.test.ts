import fs from 'node:fs';
import t from 'tap';
import { say } from '../../../fixtures/model-server.js';
import { until } from '../../../fixtures/until.js';
import { calls, run, scene, unfinished } from '../../turn/support.js';

t.setTimeout(60_000);
const NONE = '01234567-89ab-7def-8123-456789abcdef';

t.test('a question beside the turns: the model has the history, and nothing is left of it', async (t) => {
  const { daemon, threadId, turn, model, input } = await scene(t, {}, say('one'), say('sampled'), say('two'));
  const { id } = await turn('hi you');
  const { thread } = await daemon.call('thread/read', { threadId });
  const before = fs.readFileSync(thread.path as string, 'utf8');
  const from = daemon.messages.length;
  const answer = await daemon.call('thread/sample', { threadId, expectedTurnId: id, prompt: 'and this?' });
  t.match(answer, { sourceTurnId: id, responseId: String, text: 'sampled', inputTokens: Number, outputTokens: Number });
  t.match(JSON.stringify(input()), /hi you.*one.*and this\?/);
  t.same(model.requests[1]?.body.tools, model.requests[0]?.body.tools, 'the endpoint can use its cache');
  t.equal(fs.readFileSync(thread.path as string, 'utf8'), before);
  t.same(
    daemon.messages.slice(from).flatMap(({ method }) => method ?? []),
    [],
  );
  await turn('next');
  t.notMatch(JSON.stringify(input()), 'and this?');
});

t.test('sources that cannot be asked', async (t) => {
  const { daemon, threadId, turn } = await scene(t, {}, say('one'));
  const { id } = await turn('hi');
  const ask = (over: object) => daemon.call('thread/sample', { threadId, expectedTurnId: id, prompt: 'x', ...over });
  await t.rejects(ask({ threadId: NONE }), { message: /thread\/sample requires a loaded source/ });
  await t.rejects(ask({ threadId: 'bad' }), { message: /: invalid length: / });
  const params = { message: /thread\/sample requires expectedTurnId and a prompt of at most 4000 bytes/ };
  for (const over of [{ expectedTurnId: '' }, { prompt: '  ' }, { prompt: 'é'.repeat(2001) }])
    await t.rejects(ask(over), params);
  await t.rejects(ask({ expectedTurnId: NONE }), { message: /sample source turn must be the latest finished turn/ });
  const { thread } = await daemon.call('thread/start', { ephemeral: true });
  await t.rejects(ask({ threadId: thread.id }), { message: /sample source must be a persistent root thread/ });
});

t.test('a call, a broken stream, a running turn, and a sample that is cancelled', async (t) => {
  const { daemon, threadId, turn, begin, ended, model } = await scene(t, {}, say('one'));
  const { id } = await turn('hi');
  const ask = (over: object = {}) =>
    daemon.request('thread/sample', { threadId, expectedTurnId: id, prompt: 'x', ...over });
  model.push(calls(run('ls', 'c')));
  t.match((await ask()).result, { text: null, sourceTurnId: id });
  model.push({ status: 400, body: { error: { message: 'boom' } } });
  t.match((await ask()).error, { code: -32603, message: /boom/ });

  model.push(unfinished('be'));
  const asked = model.requests.length;
  // Requests are numbered, and all earlier ones were answered.
  const answered = daemon.messages.map(({ id: one, method }) => (method === undefined ? Number(one) : 0));
  const requestId = Math.max(...answered) + 1;
  const hanging = ask();
  await until(() => model.requests.length > asked, 'the model is asked');
  t.strictSame(await daemon.call('thread/sample/cancel', { requestId: 'unknown' }), {});
  t.strictSame(await daemon.call('thread/sample/cancel', { requestId }), {});
  t.match((await hanging).error, { code: -32603, message: 'sample canceled' });

  model.push(unfinished('be'));
  const running = await begin('run');
  await until(() => model.requests.length > asked + 1, 'the turn asks');
  t.match((await ask({ expectedTurnId: running.id })).error, { message: 'sample source must be idle' });
  t.match((await ask({ allowInProgressTurn: true })).error, { message: 'sample source turn must be the latest turn' });
  model.push(say('mid'));
  t.match((await ask({ expectedTurnId: running.id, allowInProgressTurn: true })).result, { text: 'mid' });
  await daemon.call('turn/interrupt', { threadId, turnId: running.id });
  await ended(running.id);
});
