import t from 'tap';
import { ModelError, type ModelRequest } from '../../../server/sessions/model/provider/model-provider.js';
import { withModelHooks } from '../../../server/sessions/hooks/model-hooks.js';
import { scripted } from '../turn/in-process.js';
import { hook, hookedWork } from './support.js';

const tells = [hook('preModelRequest', 'cat >&2; exit 2'), hook('postModelRequest', 'cat >&2; exit 2')];

t.test('a request that fails and its repetition are one request', async (t) => {
  const w = await hookedWork(t, tells);
  const provider = withModelHooks(
    scripted([
      () => {
        throw new ModelError('broken', 'other', 'stream');
      },
      [{ type: 'completed', responseId: 'r1', usage: null }],
    ]),
    w.thread,
  );
  const request = { identity: { turnId: w.turn.id, kind: 'turn' } } as ModelRequest;
  const all = async () => {
    for await (const _ of provider.stream(request, w.turn.signal));
  };
  await t.rejects(all(), { message: 'broken' });
  await all();
  const inputs = w.runs().map(({ entries }) => JSON.parse(entries[0]?.text ?? '{}') as Record<string, unknown>);
  t.match(inputs, [
    { hook_event_name: 'PreModelRequest', kind: 'sampling', attempt_number: 1, thread_id: w.thread.id },
    { hook_event_name: 'PostModelRequest', status: 'failed', error: 'broken', token_usage: null, response_id: null },
    { hook_event_name: 'PreModelRequest', attempt_number: 2 },
    { hook_event_name: 'PostModelRequest', status: 'completed', error: null, response_id: 'r1' },
  ]);
  t.equal(new Set(inputs.map(({ request_id }) => request_id)).size, 1);
  t.equal(new Set(w.runs().map(({ id }) => id.split(':').at(-1))).size, 2, 'each attempt has runs of its own');
});

t.test('without hooks the provider is asked as it is', async (t) => {
  const w = await hookedWork(t, []);
  const provider = scripted([]);
  const stream = { ...provider, stream: () => [] as never };
  const request = { identity: { turnId: w.turn.id, kind: 'turn' } } as ModelRequest;
  t.same(withModelHooks(stream, w.thread).stream(request, w.turn.signal), []);
});
