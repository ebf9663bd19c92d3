import t from 'tap';
import type { NetworkDenial } from '../../../../server/network-approval/registration/denial.js';
import type { Prompt, Prompter } from '../../../../server/network-approval/registration/prompter.js';
import { createSessionMemory } from '../../../../server/network-approval/registration/session-memory.js';
import { createServerWorks } from '../../../../server/sessions/mcp/work/server-works.js';
import { serverOwner } from '../../../../server/sessions/mcp/server-process.js';
import type { CallWork } from '../../../../server/sessions/mcp/shape/connection.js';

const denial: NetworkDenial = {
  host: 'h',
  port: 80,
  protocol: 'http',
  reason: 'denied',
  rule: 'h',
  source: 'baseline_policy',
  message: 'no',
};
const never = new AbortController().signal;
/** Whether it has resolved once nothing more happens by itself. */
const isOver = (work: Promise<unknown>): Promise<boolean> =>
  Promise.race([work.then(() => true), new Promise<false>((resolve) => setImmediate(() => resolve(false)))]);
const answered = { all: () => Promise.resolve(), forget() {} };

function made(threadId: string | null = 'thread') {
  const strays: NetworkDenial[] = [];
  const memory = createSessionMemory();
  const works = createServerWorks({
    owner: serverOwner('srv', threadId),
    memory,
    stray: (found) => void strays.push(found),
  });
  return { works, strays, memory };
}

function callOf(itemId: string, prompter: Prompter | null = null): CallWork & { readonly heard: boolean[] } {
  const heard: boolean[] = [];
  return { turnId: 'turn', itemId, prompter, waits: (open) => void heard.push(open), heard };
}

t.test('one call after the other, and a request belongs to the one that runs', async (t) => {
  const { works, strays } = made();
  t.match(works.now(), { id: 0, owner: { threadId: 'thread', turnId: null, itemId: null, mcpServer: 'srv' } });
  const first = await works.begin(callOf('a'), never);
  t.match(works.now().owner, { threadId: 'thread', turnId: 'turn', itemId: 'a', mcpServer: 'srv' });
  const next = callOf('b');
  const second = works.begin(next, never);
  t.equal(await isOver(second), false, 'the second waits');
  t.same(next.heard, [true], 'its time stands still meanwhile');
  works.now().denied(denial);
  t.equal(first.denial, denial);
  t.ok(first.refused.aborted);
  t.ok(works.now().over.aborted, 'its other prompts are withdrawn');
  first.end();
  const running = await second;
  t.same(next.heard, [true, false]);
  t.match(works.now().owner, { itemId: 'b' });
  t.notOk(running.refused.aborted);
  running.end();
  t.equal(works.now().id, 0);
  works.now().denied(denial);
  t.same(strays, [denial], 'outside of every call');
});

t.test('what comes late for a call concerns no other one', async (t) => {
  const { works, strays } = made();
  const first = await works.begin(callOf('a'), never);
  const late = works.now();
  first.end();
  const second = await works.begin(callOf('b'), never);
  late.denied(denial);
  t.notOk(second.refused.aborted);
  t.same(strays, [denial]);
});

t.test('a call that was left without an answer keeps its place until the server has answered', async (t) => {
  const { works, strays } = made();
  const first = await works.begin(callOf('a'), never);
  works.now().denied(denial);
  let answer = (): void => {};
  let forgotten = 0;
  const left = first.leave({
    all: () => new Promise((resolve) => (answer = resolve)),
    forget: () => void forgotten++,
  });
  const second = works.begin(callOf('b'), never);
  t.equal(await isOver(second), false, 'the next call waits');
  works.now().denied({ ...denial, host: 'again' });
  t.equal(first.denial, denial, 'a further request of it changes nothing');
  answer();
  await left;
  t.equal(forgotten, 1);
  t.notOk((await second).refused.aborted);
  t.same(strays, []);
});

t.test('a server that is quiet, or that has ended, keeps nobody waiting', async (t) => {
  const silent = { all: () => new Promise<void>(() => {}), forget() {} };
  // The wait for quiet keeps no process alive, a test neither.
  const alive = setInterval(() => {}, 60_000);
  t.teardown(() => clearInterval(alive));
  const { works } = made();
  await (await works.begin(callOf('a'), never)).leave(silent);
  const second = await works.begin(callOf('b'), never);
  void second.leave(silent);
  works.close();
  t.match(await works.begin(callOf('c'), never), { denial: null });
});

t.test('who gives up while it waits leaves the order as it was', async (t) => {
  const { works } = made();
  const first = await works.begin(null, never);
  const impatient = new AbortController();
  const call = callOf('b');
  const second = works.begin(call, impatient.signal);
  const third = works.begin(callOf('c'), never);
  impatient.abort(new Error('enough'));
  await t.rejects(second, /enough/);
  t.same(call.heard, [true, false]);
  t.equal(await isOver(third), false, 'the third waits for the first');
  first.end();
  await third;
  t.match(works.now().owner, { itemId: 'c' });
});

t.test('a prompt stops the time of its call; without a call only earlier approvals count', async (t) => {
  const { works, memory } = made();
  const prompt = { protocol: 'http', host: 'h', port: 80 } as unknown as Prompt;
  t.equal(await works.now().prompter?.ask(prompt, [], never), null, 'nobody is asked');
  t.equal(works.now().prompter?.memory, memory);
  let heardInside: boolean[] = [];
  const call = callOf('a', {
    memory,
    offers: () => ['accept'],
    ask: () => {
      heardInside = [...call.heard];
      return Promise.resolve('accept');
    },
  });
  await works.begin(call, never);
  t.equal(await works.now().prompter?.ask(prompt, [], never), 'accept');
  t.same(heardInside, [true, false, true]);
  t.same(call.heard, [true, false, true, false]);
});

t.test('without a thread there is nobody to ask, and the owner stays', async (t) => {
  const works = createServerWorks({ owner: serverOwner('srv', null), memory: null, stray: () => {} });
  const work = await works.begin(null, never);
  t.equal(works.now().prompter, null);
  t.match(works.now().owner, { kind: 'connection', mcpServer: 'srv' });
  await work.leave(answered);
  t.equal(works.now().id, 0);
});
