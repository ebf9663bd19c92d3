/**
 * The model's input from a thread's history: it only grows at its end (docs/protocol/turns.md §3,
 * docs/protocol/threads.md §12).
 */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { event, say } from '../../fixtures/model-server.js';
import { calls, run, scene, type Scene } from './support.js';

/** Every request after the first begins with the whole previous one, byte by byte, and declares the same tools. */
function samePrefix(t: Test, s: Scene, from = 0): void {
  for (let n = from + 1; n < s.model.requests.length; n++) {
    const [before, now] = [s.input(n - 1), s.input(n)].map((input) => input.map((item) => JSON.stringify(item)));
    t.strictSame(now!.slice(0, before!.length), before, `request ${n} begins with request ${n - 1}`);
    t.equal(JSON.stringify(s.model.requests[n]!.body.tools), JSON.stringify(s.model.requests[n - 1]!.body.tools));
  }
}

t.test('with tools, changed settings, injected items, a restart: no sent content is rewritten', async (t) => {
  const s = await scene(t, {}, calls(run('echo one', 'c1'), event.call('nope', {}, 'c2')), say('a'));
  await s.turn('first');
  s.model.push(say('b'));
  await s.turn('second', { approvalPolicy: 'on-request', sandboxPolicy: { type: 'workspaceWrite' }, model: 'other' });
  const injected = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'INJECTED' }] };
  s.model.push(calls(run('sleep 0.3', 'c3')), say('c'));
  const { id } = await s.begin('third', { cwd: s.home });
  await s.note('item/started', ({ item }) => item.id === 'c3');
  await s.daemon.call('thread/inject_items', { threadId: s.threadId, items: [injected] });
  await s.ended(id);
  samePrefix(t, s);
  const next = await s.again();
  next.model.push(say('d'));
  t.match(await next.turn('fourth'), { status: 'completed' });
  samePrefix(t, next);
  const all = JSON.stringify(next.input());
  t.equal(all.split('INJECTED').length, 2, 'what was injected is there once');
  t.equal(all.split('<model_switch>').length, 2);
  t.equal(all.split('<permissions instructions>').length, 3, 'told at first, and when they changed');
  t.equal(all.split('<environment_context>').length, 4, 'told at first, with the sandbox, with the folder');
});

t.test('forks begin with the same prefix; a revert removes the end; the rest is the same', async (t) => {
  const s = await scene(t, {}, say('a'), say('b'));
  await s.turn('one');
  const second = await s.turn('two');
  const fork = (await s.daemon.call('thread/fork', { threadId: s.threadId })).thread;
  s.model.push(say('c'));
  const input = [{ type: 'text', text: 'in the fork' }];
  await s.ended((await s.daemon.call('turn/start', { threadId: fork.id, input })).turn.id);
  const texts = (n?: number): unknown[] =>
    s
      .input(n)
      .slice(1)
      .map(({ content }) => content);
  t.strictSame(texts().slice(0, texts(1).length), texts(1));
  await s.daemon.call('thread/revert', { threadId: s.threadId, beforeTurnId: second.id });
  s.model.push(say('d'));
  await s.turn('instead of two');
  const said = JSON.stringify(texts());
  t.notMatch(said, /"two"/);
  t.match(said, /instead of two/);
  t.strictSame(texts().slice(0, 4), texts(1).slice(0, 4));
});

t.test('an ephemeral thread stores its history in memory, and leaves nothing on disk', async (t) => {
  const s = await scene(t, { start: { ephemeral: true } }, calls(run('echo x', 'c1')), say('a'), say('b'));
  await s.turn('one');
  await s.turn('two');
  samePrefix(t, s);
  t.match(s.outputs().c1, /Output:\nx\n/);
  t.notOk(fs.existsSync(path.join(s.home, 'sessions')));
});

t.test('the model receives AGENTS.md and skills once, and again when they change', async (t) => {
  const s = await scene(t, {}, say('a'), say('b'), say('c'));
  fs.writeFileSync(path.join(s.work, 'AGENTS.md'), 'RULE ONE');
  fs.mkdirSync(path.join(s.home, 'skills', 'knit'), { recursive: true });
  fs.writeFileSync(
    path.join(s.home, 'skills', 'knit', 'SKILL.md'),
    '---\nname: knit\ndescription: how to knit\n---\nKNIT',
  );
  await s.turn('one');
  await s.turn('two');
  t.equal(JSON.stringify(s.input()).split('RULE ONE').length, 2);
  t.match(JSON.stringify(s.input()), /how to knit/);
  fs.writeFileSync(path.join(s.work, 'AGENTS.md'), 'RULE TWO');
  await s.turn('three');
  samePrefix(t, s);
  t.match(JSON.stringify(s.input().slice(-3)), /RULE TWO/);
});
