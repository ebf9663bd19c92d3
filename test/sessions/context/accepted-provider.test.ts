/** A thread continues with an endpoint that refuses a part of its history, on both wires, also after a restart. */
import fs from 'node:fs';
import t, { type Test } from 'tap';
import { event, items, say, type ModelRequestSeen, type Step } from '../../fixtures/model-server.js';
import { calls, run, scene, type Scene } from '../turn/support.js';
import { isAboutModel } from '../../fixtures/unknown-model.js';

const thought = (id: string, more: object = {}): object => ({
  type: 'reasoning',
  id,
  summary: [{ type: 'summary_text', text: 'sum' }],
  content: [{ type: 'reasoning_text', text: 'RAW' }],
  encrypted_content: `SECRET-${id}`,
  ...more,
});
const refuse = (error: object): Step => ({ status: 400, body: { error } });
const sent = ({ body }: ModelRequestSeen): string => JSON.stringify(body.input ?? body.messages);
/** Without the one of the scripted model. */
const warnings = (s: Scene): string[] =>
  s.notes('warning').flatMap(({ message }) => (isAboutModel(message) ? [] : [message]));

t.test('raw reasoning, refused by its place: omitted from then on, with one warning', async (t) => {
  const s = await scene(t, {}, items(thought('rs_1'), event.message('a')));
  await s.turn('one');
  s.model.always((request) => {
    const input = request.body.input as { type: string; content?: unknown }[];
    const at = input.findIndex(({ type, content }) => type === 'reasoning' && Array.isArray(content));
    return at < 0
      ? items(thought(`rs_${s.model.requests.length}`), event.message('ok'))
      : refuse({ message: `Invalid 'input[${at}].content': array too long.`, param: `input[${at}].content` });
  });
  t.match(await s.turn('two'), { status: 'completed' });
  t.equal(s.model.requests.length, 3);
  t.match(await s.turn('three'), { status: 'completed' });
  t.equal(s.model.requests.length, 4, 'no further refusal');
  t.equal(warnings(s).length, 1);
  t.match(warnings(s)[0], /reasoning as text.*array too long/);
  t.match(sent(s.model.requests[3]!), /SECRET-rs_1/, 'what it takes is sent');
  const next = await s.again();
  t.match(await next.turn('four'), { status: 'completed' });
  t.equal(s.model.requests.length, 5, 'a resumed thread remembers');
  t.strictSame(warnings(next), []);
  const fork = (await next.daemon.call('thread/fork', { threadId: s.threadId })).thread;
  const input = [{ type: 'text', text: 'in the fork' }];
  await next.ended((await next.daemon.call('turn/start', { threadId: fork.id, input })).turn.id);
  t.equal(s.model.requests.length, 6, 'so does a fork');
  t.match(
    fs.readFileSync((await next.daemon.call('thread/read', { threadId: s.threadId })).thread.path, 'utf8'),
    /RAW/,
  );
});

t.test('encrypted reasoning of another account: existing items are removed, new ones are kept', async (t) => {
  const s = await scene(t, {}, items(thought('rs_1'), thought('rs_2'), event.message('a')));
  await s.turn('one');
  s.model.always((request) =>
    /SECRET-rs_[12]/.test(sent(request))
      ? refuse({ message: 'The encrypted content could not be verified.', code: 'invalid_encrypted_content' })
      : items(thought('rs_3'), event.message('ok')),
  );
  t.match(await s.turn('two'), { status: 'completed' });
  t.match(await s.turn('three'), { status: 'completed' });
  t.equal(s.model.requests.length, 4);
  t.match(sent(s.model.requests[3]!), /SECRET-rs_3/);
});

t.test('the same inside the stream, in a compaction, and for another model again', async (t) => {
  const s = await scene(t, {}, items(thought('rs_1'), event.message('a')));
  await s.turn('one');
  s.model.always((request) =>
    /SECRET-rs_1/.test(sent(request)) ? [event.created(), event.failed('invalid_encrypted_content', 'no')] : say('ok'),
  );
  await s.daemon.call('thread/compact/start', { threadId: s.threadId });
  const { params } = await s.note('turn/completed', ({ turn }) => turn.id !== s.notes('turn/completed')[0].turn.id);
  t.equal(params.turn.status, 'completed');
  t.equal(s.model.requests.length, 3);
  t.equal(warnings(s).length, 1);
});

t.test('an unknown type is removed, with its outputs; calls of functions stay', async (t) => {
  const s = await scene(t, {}, calls(run('echo one', 'call_1'), event.custom('nope', 'x', 'call_2')), say('a'));
  await s.turn('one');
  s.model.always((request) =>
    sent(request).includes('custom_tool_call')
      ? { status: 422, body: { message: 'unknown variant `custom_tool_call`, expected one of `message`' } }
      : say('ok'),
  );
  t.match(await s.turn('two'), { status: 'completed' });
  t.match(sent(s.model.requests.at(-1)!), /call_1/);
  t.notMatch(sent(s.model.requests.at(-1)!), /call_2/);
});

t.test(
  'a rule without an effect is not kept; messages of a person are never omitted; an endpoint that always refuses is an error',
  async (t) => {
    const s = await scene(t, {}, items(thought('rs_1'), event.message('a')));
    await s.turn('one');
    s.model.always(() => refuse({ message: 'bad reasoning content', code: 'nope' }));
    t.match(await s.turn('two'), { status: 'failed', error: { message: /bad reasoning content/ } });
    t.equal(s.model.requests.length, 3);
    s.model.always(({ body }) => {
      const at = (body.input as unknown[]).length - 1;
      return refuse({ message: `input[${at}] is bad` });
    });
    t.match(await s.turn('three'), { status: 'failed' });
    t.equal(s.model.requests.length, 4);
    s.model.always(() => items(...Array.from({ length: 20 }, (_, n) => event.message(`m${n}`, `msg_${n}x`))));
    await s.turn('four');
    const before = s.model.requests.length;
    s.model.always(({ body }) => {
      const at = (body.input as { role?: string }[]).findIndex(({ role }) => role === 'assistant');
      return refuse({ message: `input[${at}] is bad` });
    });
    t.match(await s.turn('five'), { status: 'failed' });
    t.equal(s.model.requests.length - before, 9);
    t.strictSame(warnings(s), [], 'nothing was left out for good');
  },
);

async function chat(t: Test, ...script: Step[]): Promise<Scene> {
  const s = await scene(t, { tables: '' });
  const config = fs.readFileSync(`${s.home}/config.toml`, 'utf8').replace('"responses"', '"chat"');
  fs.writeFileSync(`${s.home}/config.toml`, config);
  s.model.push(...script);
  return s;
}

const chunk = (delta: object, finish: string | null = null): object => ({
  choices: [{ index: 0, delta, finish_reason: finish }],
});

t.test('Chat Completions: a message by its number, a member of it, extra members of a call', async (t) => {
  const call = (more: object): object => ({
    tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'nope', arguments: '{}' }, ...more }],
  });
  const s = await chat(
    t,
    [chunk({ reasoning_content: 'RAW' }), chunk(call({ extra_content: { a: 'EXTRA' } })), chunk({}, 'tool_calls')],
    [chunk({ content: 'a' }), chunk({}, 'stop')],
  );
  const fresh = await s.daemon.call('thread/start', { cwd: s.work });
  const turn = async (text: string): Promise<unknown> => {
    const input = [{ type: 'text', text }];
    return s.ended((await s.daemon.call('turn/start', { threadId: fresh.thread.id, input })).turn.id);
  };
  await turn('one');
  t.match(sent(s.model.requests.at(-1)!), /RAW.*EXTRA|EXTRA.*RAW/, 'both are sent back at first');
  s.model.always((request) => {
    const messages = request.body.messages as { reasoning_content?: string; tool_calls?: object[] }[];
    const at = messages.findIndex((message) => 'reasoning_content' in message);
    const extra = messages.findIndex(({ tool_calls: made }) => JSON.stringify(made ?? []).includes('EXTRA'));
    if (at >= 0) return { status: 422, body: { detail: [{ loc: ['body', 'messages', at, 'reasoning_content'] }] } };
    if (extra >= 0) return refuse({ message: `messages.${extra}.tool_calls.0.extra_content: Extra inputs` });
    return [chunk({ content: 'ok' }), chunk({}, 'stop')];
  });
  const before = s.model.requests.length;
  t.match(await turn('two'), { status: 'completed' });
  t.equal(s.model.requests.length - before, 3);
  t.match(sent(s.model.requests.at(-1)!), /call_1/, 'the call itself is sent');
  t.match(await turn('three'), { status: 'completed' });
  t.equal(s.model.requests.length - before, 4);
});
