import t from 'tap';
import { say } from '../../../fixtures/model-server.js';
import { elapse } from '../../../fixtures/until.js';
import { calls, run, scene } from '../../turn/support.js';

t.setTimeout(60_000);
const NONE = '01234567-89ab-7def-8123-456789abcdef';

t.test('questions are counted for each thread', async (t) => {
  const { daemon, threadId } = await scene(t);
  const up = (id = threadId) => daemon.call('thread/increment_elicitation', { threadId: id });
  const down = (id = threadId) => daemon.call('thread/decrement_elicitation', { threadId: id });
  t.strictSame(await up(), { count: 1, paused: true });
  t.strictSame(await up(), { count: 2, paused: true });
  t.strictSame(await down(), { count: 1, paused: true });
  t.strictSame(await down(), { count: 0, paused: false });
  const zero = { message: /out-of-band elicitation count is already zero/ };
  await t.rejects(down(), zero);
  await t.rejects(up(NONE), { message: new RegExp(`thread not found: ${NONE}`) });
  await t.rejects(down('bad'), { message: /: invalid thread id: / });
});

t.test('a command gets no answer while a question is open, and its own time limit waits, too', async (t) => {
  const { daemon, threadId, begin, ended, items, note, notes, outputs } = await scene(
    t,
    { start: { sandbox: 'danger-full-access' } },
    calls(run('sleep 600', 'slow', { yield_time_ms: 250 })),
    say('done'),
  );
  await daemon.call('thread/increment_elicitation', { threadId });
  const { id } = await begin('go');
  await note('item/started', ({ item }) => item.type === 'commandExecution');
  await daemon.call('thread/shellCommand', { threadId, command: 'sleep 600', timeoutMs: 1 });
  await note('item/started', ({ item }) => item.type === 'commandExecution' && item.source === 'userShell');
  await elapse(1000, 'both limits would be over');
  t.same([items('commandExecution'), notes('turn/completed')], [[], []], 'neither is over');
  await daemon.call('thread/decrement_elicitation', { threadId });
  await note('item/completed', ({ item }) => item.source === 'userShell');
  await ended(id);
  t.match(outputs(), { slow: /still running|session ID/i });
});
