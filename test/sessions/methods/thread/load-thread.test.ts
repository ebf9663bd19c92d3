/** Several wishes to load one thread at the same time, on a real daemon. */
import t from 'tap';
import { say } from '../../../fixtures/model-server.js';
import { until } from '../../../fixtures/until.js';
import { scene } from '../../turn/support.js';

t.test('messages that come together for a thread that is not loaded load it once, and all are answered', async (t) => {
  const s = await scene(t, {}, say('one'), say('two'), say('three'), say('four'), say('five'));
  await s.turn('first');
  const again = await s.restarted();
  const words = ['a', 'b', 'c'];
  const { threadId } = again;
  await Promise.all([
    ...words.map((word) =>
      again.daemon.call('thread/queue/add', {
        threadId,
        input: [{ type: 'text', text: word }],
        clientUserMessageId: word,
      }),
    ),
    again.daemon.call('thread/resume', { threadId }),
  ]);
  await until(() => again.model.requests.length === 4, 'all messages reach the model');
  await again.note('thread/status/changed', ({ status }) => status.type === 'idle');
  const said = again
    .input()
    .flatMap(({ role, content }) => (role === 'user' && content.length === 1 ? [content[0].text as string] : []));
  t.strictSame(said.slice(-3).sort(), words);
  t.equal((await again.daemon.call('thread/queue/list', { threadId })).data.length, 0);
});
