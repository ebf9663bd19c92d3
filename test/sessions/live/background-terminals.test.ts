import t from 'tap';
import { commandMethods, type CommandDeps } from '../../../server/sessions/methods/turns/commands.js';
import { loadedMethods, type LoadedDeps } from '../../../server/sessions/methods/loaded.js';
import { createWorld, type World } from './support.js';

const handlers = ({ threads }: World) =>
  ({
    ...commandMethods({ threads } as unknown as CommandDeps),
    ...loadedMethods({ threads } as unknown as LoadedDeps),
  }) as never;
const NONE = '00000000-0000-4000-8000-000000000000';

t.test('terminals of a thread are listed in pages, and end one by one, all at once, and with the thread', async (t) => {
  const world = createWorld(t, handlers);
  const thread = await world.start();
  const client = await world.client();
  const ended: string[] = [];
  const gone = ['7', '8', '9'].map((processId) =>
    thread.terminals.add({
      itemId: `item ${processId}`,
      processId,
      command: 'sleep 9',
      cwd: '/tmp',
      osPid: 1,
      terminate: () => ended.push(processId),
    }),
  );
  let requests = 0;
  const ask = async (method: string, params: object = {}) => {
    const { result, error } = await client.request(++requests, `thread/backgroundTerminals/${method}`, {
      threadId: thread.id,
      ...params,
    });
    return error?.message ?? result;
  };
  t.match(await ask('list', { limit: 2 }), {
    data: [{ processId: '7', itemId: 'item 7' }, { processId: '8' }],
    nextCursor: '2',
  });
  t.match(await ask('list', { limit: 2, cursor: '2' }), { data: [{ processId: '9' }], nextCursor: null });
  t.equal(await ask('list', { cursor: 'zz' }), 'invalid cursor: invalid digit found in string');

  t.same(await ask('terminate', { processId: '8' }), { terminated: true });
  gone[1]!();
  t.same(await ask('terminate', { processId: '8' }), { terminated: false });
  const bad = 'invalid background terminal process id: ';
  t.equal(await ask('terminate', { processId: 'x' }), `${bad}invalid digit found in string`);
  t.equal(await ask('terminate', { processId: '' }), `${bad}cannot parse integer from empty string`);
  t.equal(await ask('terminate', { processId: 'x', threadId: 'zz' }), `${bad}invalid digit found in string`);
  t.equal(await ask('list', { threadId: NONE }), `thread not found: ${NONE}`);
  t.same(await ask('clean'), {});
  t.same(ended, ['8', '7', '9']);
  await world.threads.unload(thread.id);
  t.same(ended, ['8', '7', '9', '7', '9', '7', '9'], 'with the thread, and once more what has not ended in time');
});

t.test('unsubscribing reports the previous state', async (t) => {
  const world = createWorld(t, handlers);
  const thread = await world.start();
  const client = await world.join(thread);
  const ask = async (id: string, threadId: string) =>
    (await client.request(id, 'thread/unsubscribe', { threadId })).result;
  t.same(await ask('a', thread.id.toUpperCase()), { status: 'unsubscribed' });
  t.same(await ask('b', thread.id), { status: 'notSubscribed' });
  t.same(await ask('c', NONE), { status: 'notLoaded' });
  t.ok(world.threads.get(thread.id), 'it stays loaded');
});
