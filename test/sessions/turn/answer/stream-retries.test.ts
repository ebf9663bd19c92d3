/** Which errors of a stream get another try, and what clients receive of it. */
import { once } from 'node:events';
import t from 'tap';
import { ModelError } from '../../../../server/sessions/model/provider/model-provider.js';
import { withStreamRetries } from '../../../../server/sessions/turn/answer/stream-retries.js';

const BROKEN = { httpConnectionFailed: { httpStatusCode: 502 } };

function retries(most: number, signal: AbortSignal = new AbortController().signal) {
  const told: unknown[] = [];
  const thread = { id: 'thread', events: { notify: (_: string, params: unknown) => void told.push(params) } };
  return { told, options: { thread, turn: { id: 'turn', signal }, most } };
}

t.test('a broken stream is requested again, and each try is announced with its cause', async (t) => {
  const { told, options } = retries(2);
  let asked = 0;
  const result = await withStreamRetries(options, async () => {
    if (++asked < 3) throw new ModelError('it broke', BROKEN, 'stream', { retryAfterMs: 1 });
    return 'whole';
  });
  t.equal(result, 'whole');
  t.equal(asked, 3);
  t.match(told, [
    {
      error: {
        message: 'Reconnecting... 1/2',
        codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: 502 } },
        additionalDetails: 'it broke',
      },
      willRetry: true,
      threadId: 'thread',
      turnId: 'turn',
    },
    { error: { message: 'Reconnecting... 2/2' } },
  ]);
});

t.test('after the last try the error is the result', async (t) => {
  const { told, options } = retries(1);
  const broken = new ModelError('it broke', 'other', 'stream', { retryAfterMs: 1 });
  await t.rejects(
    withStreamRetries(options, () => Promise.reject(broken)),
    broken,
  );
  t.match(told, [{ error: { codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: null } } } }]);
});

t.test('an error that comes again with each try, and one of another kind, end at once', async (t) => {
  for (const error of [new ModelError('no', 'unauthorized', 'never'), new Error('of our own')]) {
    const { told, options } = retries(5);
    await t.rejects(
      withStreamRetries(options, () => Promise.reject(error)),
      error,
    );
    t.strictSame(told, []);
  }
});

t.test('an interrupt ends the wait', async (t) => {
  const stop = new AbortController();
  const { options } = retries(5, stop.signal);
  const ended = once(stop.signal, 'abort');
  const result = withStreamRetries(options, async () => {
    setImmediate(() => stop.abort());
    throw new ModelError('it broke', 'other', 'stream', { retryAfterMs: 3_600_000 });
  });
  await t.rejects(result, { name: 'AbortError' });
  await ended;
});
