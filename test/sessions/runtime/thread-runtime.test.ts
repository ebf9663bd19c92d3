/** After a thread is unloaded, none of its state is left, whatever ended it. */
import t from 'tap';
import type { LiveThread, LiveTurn } from '../../../server/sessions/live/live-thread.js';
import { lifecycleMethods } from '../../../server/sessions/methods/lifecycle.js';
import type { ExecSession } from '../../../server/sessions/runtime/exec-sessions.js';
import type { RuntimePart } from '../../../server/sessions/runtime/part.js';
import type { ThreadRuntime } from '../../../server/sessions/runtime/thread-runtime.js';
import type { TurnRuntime } from '../../../server/sessions/runtime/turn-runtime.js';
import { createTurnDiff } from '../../../server/sessions/tools/apply-patch/diffs.js';
import { hook } from '../hooks/support.js';
import { createWorld, hooksDaemon, type World } from '../live/support.js';
import { elapse, until } from '../../fixtures/until.js';

/** For each member, a function that puts something into it. A missing member does not compile. */
type Fill<Runtime> = { readonly [Name in keyof Runtime]: (part: Runtime[Name]) => unknown };

const nothing = { network: false, read: ['/read'], write: [] };
let terminated = 0;
const session = { id: 1, end: null, terminate: () => void terminated++ } as unknown as ExecSession;

const FILL: Fill<ThreadRuntime> = {
  approvals: (part) => part.add('a command'),
  patches: (part) => part.add('/a/file'),
  grants: (part) => part.add(nothing),
  network: (part) => part.approve({ protocol: 'https', host: 'example.org', port: 443 }),
  execSessions: (part) => part.keep(session),
  leftOut: (part) => part.add('mock/model', [{ what: 'type', type: 'reasoning' }]),
  mcp: (part) => part.begin(),
  mcpApprovals: (part) => part.add('a tool'),
  hooks: (part) => void part.run('stop', { names: [], input: {} }, null),
  schedule(part) {
    part.starting = { id: 'a', interrupted: false };
    part.running = { id: 'b', kind: 'turn' };
    part.latest = { id: 'b', rootTurnId: 'b', said: new Set(['c']), end: null };
    part.client = { name: 'test', version: '1', title: null };
    part.modelWarning = 'a warning';
  },
  work(part) {
    part.waiting.push({ input: [], clientUserMessageId: null, before: [], toolOutput: null });
    part.notes.push({ type: 'response_item', payload: {} });
    part.interject = part.adjust = () => {};
    return part.history.items();
  },
  pauses: (part) => part.add(),
  goalSteps(part) {
    part.turnId = 'a';
    part.later(() => {}, 60_000);
  },
};
const FILL_TURN: Fill<TurnRuntime> = {
  grants: (part) => part.add(nothing),
  patches: (part) =>
    part.getOrCreate(() => createTurnDiff('/')).add([{ kind: 'add', path: '/a', before: null, content: 'b' }]),
  goalClock: (part) => part.restart(Date.now()),
  reviews: (part) => part.passed(),
};

const namesOf = <Runtime extends object>(runtime: Runtime) => Object.keys(runtime).sort() as (keyof Runtime)[];

async function fill<Runtime extends object>(runtime: Runtime, how: Fill<Runtime>): Promise<void> {
  for (const name of namesOf(runtime)) await how[name](runtime[name]);
}

/** Names of the members that are not empty. */
const holding = (runtime: ThreadRuntime | TurnRuntime): string[] =>
  Object.entries(runtime as unknown as Record<string, RuntimePart>)
    .filter(([, part]) => part.held > 0)
    .map(([name]) => name)
    .sort();

function world(t: Parameters<typeof createWorld>[0], options = {}): World {
  return createWorld(
    t,
    ({ threads, store, server, touched }) => {
      const catalog = { touched: (id: string) => void touched.push(id), removed: async () => {} };
      const methods = lifecycleMethods({ threads, store, catalog, outbox: server } as unknown as Parameters<
        typeof lifecycleMethods
      >[0]);
      return { 'thread/archive': methods['thread/archive'], 'thread/delete': methods['thread/delete'] };
    },
    {
      hooks: { daemon: hooksDaemon(() => new Promise(() => undefined)), runnable: [hook('stop', 'true')] },
      ...options,
    },
  );
}

async function filled(it: World): Promise<{ readonly thread: LiveThread; readonly turn: LiveTurn }> {
  const thread = await it.start({ table: { mcp_servers: { one: { command: 'no-such-server' } } } });
  const turn = thread.beginTurn();
  await fill(thread.runtime, FILL);
  await fill(turn.runtime, FILL_TURN);
  turn.signal.addEventListener('abort', () => void turn.end({ status: 'interrupted' }), { once: true });
  return { thread, turn };
}

const ENDS: Readonly<Record<string, (it: World, thread: LiveThread) => Promise<unknown>>> = {
  unload: (it, { id }) => it.threads.unload(id),
  'thread/archive': async (it, { id }) => (await it.client()).request('a', 'thread/archive', { threadId: id }),
  'thread/delete': async (it, { id }) => (await it.client()).request('d', 'thread/delete', { threadId: id }),
  'the end of the daemon': (it) => it.threads.close(),
};

for (const [name, end] of Object.entries(ENDS)) {
  t.test(`${name} leaves nothing of the thread and of its running turn`, async (t) => {
    const it = world(t);
    const { thread, turn } = await filled(it);
    t.same(holding(thread.runtime), namesOf(FILL), 'every member held something');
    t.same(holding(turn.runtime), namesOf(FILL_TURN));
    const before = terminated;
    await end(it, thread);
    t.equal(it.threads.get(thread.id), null);
    t.same(holding(thread.runtime), []);
    t.same(holding(turn.runtime), []);
    t.equal(terminated, before + 1, 'the command that ran was ended');
  });
}

t.test('an unused thread is unloaded, and nothing of it is left', async (t) => {
  const it = world(t, { idleUnloadMs: 100 });
  const alive = setInterval(() => {}, 1000);
  t.teardown(() => clearInterval(alive));
  const { thread, turn } = await filled(it);
  await turn.end({ status: 'completed' });
  t.same(holding(turn.runtime), [], 'a turn keeps nothing behind its end');
  t.same(holding(thread.runtime), namesOf(FILL), 'its thread does');
  await until(() => it.threads.get(thread.id) === null, 'the thread is unloaded');
  t.same(holding(thread.runtime), []);
});

t.test('late answers permit nothing, and start nothing', async (t) => {
  const it = world(t);
  const { thread, turn } = await filled(it);
  await it.threads.unload(thread.id);
  const { approvals, patches, grants, network, execSessions, goalSteps } = thread.runtime;
  const before = terminated;
  for (const [name, part] of Object.entries({ approvals, patches, grants, network, execSessions }))
    FILL[name as 'approvals'](part as ThreadRuntime['approvals']);
  goalSteps.later(() => t.fail('a step'), 0);
  await fill(turn.runtime, FILL_TURN);
  await t.rejects(
    Promise.resolve().then(() => thread.runtime.work.history.items()),
    /is not loaded any more/,
  );
  await elapse(20, 'a step would be taken at once');
  t.same(holding(thread.runtime), []);
  t.same(holding(turn.runtime), []);
  t.equal(terminated, before + 1, 'a command that is kept late is ended');
  t.notOk(approvals.has('a command'));
  t.notOk(network.approved({ protocol: 'https', host: 'example.org', port: 443 }));
});

t.test('a thread that is loaded again starts with nothing', async (t) => {
  const it = world(t);
  const { thread } = await filled(it);
  await it.threads.unload(thread.id);
  const files = await it.store.find(thread.id);
  const writer = await it.store.open(files!);
  const again = it.threads.load({ id: thread.id, meta: thread.meta, state: thread.state, writer });
  t.not(again.runtime, thread.runtime);
  t.same(holding(again.runtime), []);
});
