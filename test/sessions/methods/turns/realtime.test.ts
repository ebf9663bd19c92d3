import t from 'tap';
import { scene } from '../../turn/support.js';

t.setTimeout(60_000);
const NONE = '01234567-89ab-7def-8123-456789abcdef';

t.test('a spoken conversation is refused by what follows the answer', async (t) => {
  const { daemon, threadId, note } = await scene(t);
  const call = (name: string, more: object = {}) => daemon.call(`thread/realtime/${name}`, { threadId, ...more });
  t.strictSame(await call('start', { outputModality: 'text' }), {});
  t.match((await note('thread/realtime/error')).params, {
    threadId,
    message: 'realtime conversation requires API key auth',
  });
  const audio = { data: 'AAAA', sampleRate: 24_000, numChannels: 1, samplesPerChannel: null, itemId: null };
  const appends: [string, object][] = [
    ['appendAudio', { audio }],
    ['appendText', { text: 'x', role: 'user' }],
    ['appendSpeech', { text: 'x' }],
  ];
  for (const [name, more] of appends) {
    const from = daemon.messages.length;
    t.strictSame(await call(name, more), {}, name);
    const { params } = await note('error', () => true, from);
    t.match(params, {
      threadId,
      willRetry: false,
      error: { message: 'conversation is not running', codexErrorInfo: 'badRequest' },
    });
  }
  t.strictSame(await call('stop'), {});
  t.match((await note('thread/realtime/closed')).params, { threadId, reason: 'requested' });
  await t.rejects(daemon.call('thread/realtime/start', { threadId: NONE, outputModality: 'text' }), {
    message: new RegExp(`thread not found: ${NONE}`),
  });
});

t.test('with a key the refusal does not ask for one', async (t) => {
  const { daemon, threadId, note } = await scene(t);
  await daemon.call('account/login/start', { type: 'apiKey', apiKey: 'sk-test-1' });
  await daemon.call('thread/realtime/start', { threadId, outputModality: 'text' });
  t.match((await note('thread/realtime/error')).params, { message: /^codexd has no realtime conversations/ });
});

t.test('the voices of the protocol', async (t) => {
  const { daemon } = await scene(t);
  const { voices } = await daemon.call('thread/realtime/listVoices', {});
  t.same([voices.v1.length, voices.v2.length, voices.v3.length], [9, 10, 26]);
  t.match(voices, { defaultV1: 'cove', defaultV2: 'marin' });
});
