/** The two tools, over whole turns. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { event, items, say } from '../../fixtures/model-server.js';
import { until } from '../../fixtures/until.js';
import { mcpScene } from './support.js';

t.setTimeout(120_000);

t.test('codex runs a session, codex-reply continues it under both names, and the disk has it', async (t) => {
  const s = await mcpScene(t, {}, say('hi'), say('more'), say('still'));
  const first = await s.codex({ prompt: 'hello' });
  const { threadId } = first.structuredContent;
  t.same(first, {
    content: [{ type: 'text', text: 'hi' }],
    structuredContent: { threadId, content: 'hi' },
  });
  t.match(await s.reply(threadId, 'go'), { structuredContent: { threadId, content: 'more' } });
  const older = { name: 'codex-reply', arguments: { conversationId: threadId.toUpperCase(), prompt: 'go' } };
  t.match(await s.request('tools/call', older), { structuredContent: { threadId, content: 'still' } });
  const said = JSON.stringify(s.model.requests[2]?.body.input);
  for (const text of ['hello', 'hi', 'more']) t.ok(said.includes(text), text);

  await s.close();
  const later = await mcpScene(t, { home: s.home }, say('from disk'));
  t.match(await later.reply(threadId, 'go'), { structuredContent: { threadId, content: 'from disk' } });
  t.ok(JSON.stringify(later.model.requests[0]?.body.input).includes('hello'));
});

t.test('the arguments of codex reach the session', async (t) => {
  const s = await mcpScene(t, { files: { 'work.config.toml': 'model_reasoning_effort = "high"\n' } }, say('ok'));
  fs.mkdirSync(path.join(s.work, 'sub'));
  await s.codex({
    prompt: 'x',
    cwd: 'sub',
    model: 'other',
    sandbox: 'danger-full-access',
    'approval-policy': 'never',
    profile: 'work',
    'base-instructions': 'BASE',
    'developer-instructions': 'DEV',
    config: { model_verbosity: 'low' },
  });
  const { body } = s.model.requests[0]!;
  t.equal(body.model, 'other');
  for (const text of ['BASE', 'DEV']) t.ok(JSON.stringify(body.input).includes(text), text);
  t.match(s.events('session_configured')[0], {
    model: 'other',
    approval_policy: 'never',
    sandbox_policy: { type: 'danger-full-access' },
    cwd: path.join(s.work, 'sub'),
    reasoning_effort: 'high',
  });
});

t.test('what cannot be started is a result that says why', async (t) => {
  const s = await mcpScene(t);
  const why = async (args: object): Promise<string> => {
    const result = await s.codex({ prompt: 'x', ...args });
    t.equal(result.isError, true);
    return result.content[0].text;
  };
  t.match(await why({ cwd: '/nonexistent' }), /^Failed to start Codex session: cwd: \/nonexistent is not a folder/);
  t.match(await why({ profile: 'nope' }), /config profile `nope` not found/);
  t.match(await why({ profile: '../x' }), /plain name/);
  t.match(await why({ config: { model_provider: 'nope' } }), /Model provider `nope` not found/);
  t.match(await why({ prompt: 5 }), /invalid type: integer `5`, expected a string/);
  const unknown = '67e55044-10b1-426f-9247-bb680e5fe0c8';
  const lost = await s.reply(unknown, 'x');
  t.match(lost, { isError: true, structuredContent: { threadId: unknown } });
  t.match(lost.content[0].text, /^Session not found for thread_id: 67e55044/);
  t.match(await s.request('tools/call', { name: 'nope' }), {
    isError: true,
    content: [{ text: "Unknown tool 'nope'" }],
  });
  t.equal(s.model.requests.length, 0);
});

t.test('a turn that fails is an error with the text of the endpoint', async (t) => {
  const s = await mcpScene(t, {}, { status: 400, body: { error: { message: 'bad thing' } } });
  const result = await s.codex({ prompt: 'x' });
  t.match(result, { isError: true, structuredContent: { content: /bad thing/ } });
  t.match(s.events('error'), [{ message: /bad thing/ }]);
});

t.test('sessions run beside each other, each with its own events', async (t) => {
  const s = await mcpScene(t);
  let release: (() => void) | null = null;
  const both = new Promise<void>((resolve) => (release = resolve));
  s.model.always(async ({ body }) => {
    if (s.model.requests.length === 2) release?.();
    await both;
    return say(JSON.stringify(body.input).includes('apricot') ? 'first' : 'second');
  });
  const [a, b] = await Promise.all([s.codex({ prompt: 'apricot' }, 'a'), s.codex({ prompt: 'banana' }, 'b')]);
  t.equal(a.structuredContent.content, 'first');
  t.equal(b.structuredContent.content, 'second');
  const owners = s.messages.flatMap(({ method, params }) =>
    method === 'codex/event' && params.msg.type === 'agent_message'
      ? [[params._meta.requestId, params.msg.message]]
      : [],
  );
  t.same(Object.fromEntries(owners), { a: 'first', b: 'second' });
});

t.test('a reply to a session that works joins its turn, and both calls get the answer', async (t) => {
  const s = await mcpScene(t, {}, { events: [event.created()], hang: true }, say('both'));
  const first = s.codex({ prompt: 'one' }, 'a');
  const { thread_id: threadId } = (await s.next(({ params }) => params?.msg?.type === 'session_configured')).params.msg;
  await until(() => s.model.requests.length === 1, 'the request');
  const second = s.reply(threadId, 'two', 'b');
  t.equal((await first).structuredContent.content, 'both');
  t.equal((await second).structuredContent.content, 'both');
});

t.test('what has no effect is said beside the answer', async (t) => {
  const s = await mcpScene(t, {}, items(event.message('done')));
  const { content, structuredContent } = await s.codex({ prompt: 'x', 'compact-prompt': 'short' });
  t.equal(structuredContent.content, 'done');
  // Where the key is read, there is nothing to say.
  if (content.length > 1) t.match(content[1].text, /^compact-prompt has no effect: /);
});
