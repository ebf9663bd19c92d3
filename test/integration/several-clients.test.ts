/** Several clients on one thread of a real daemon, over real WebSockets (docs/protocol/threads.md §11). */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { connectWebSocket, type Client } from '../../clients/typescript/index.js';
import { alive, marker } from '../exec/support/processes.js';
import { startDaemon, type TestDaemon } from '../fixtures/daemon.js';
import { say, startModelServer } from '../fixtures/model-server.js';
import { relay } from '../fixtures/relay.js';
import { elapse, until } from '../fixtures/until.js';

interface Heard {
  readonly method: string;
  readonly params: Record<string, unknown>;
  readonly sequence: number | null;
}

/** All notifications about threads that a client receives, in their order. */
function listen(client: Client): Heard[] {
  const heard: Heard[] = [];
  client.onEveryNotification((method, params, { sequence }) => {
    if (/^(thread|turn|item|serverRequest)\//.test(method))
      heard.push({ method, params: params as Heard['params'], sequence });
  });
  return heard;
}

const ends = (heard: readonly Heard[]): number => heard.filter(({ method }) => method === 'turn/completed').length;
const items = (heard: readonly Heard[]): string[] =>
  heard.flatMap(({ method, params }) => (method === 'item/completed' ? [(params.item as { id: string }).id] : []));
const output = (heard: readonly Heard[]): string =>
  heard
    .filter(({ method }) => method === 'item/commandExecution/outputDelta')
    .map(({ params }) => params.delta as string)
    .join('');

async function daemonOf(t: Test): Promise<TestDaemon> {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  return daemon;
}

t.test(
  'two subscribers receive the same notifications in the same order; a third client receives those for all',
  async (t) => {
    const daemon = await daemonOf(t);
    const [a, b, c] = [await daemon.connect(), await daemon.connect(), await daemon.connect()];
    const [heardA, heardB, heardC] = [listen(a), listen(b), listen(c)];
    const { thread } = await a.request('thread/start', { cwd: daemon.work });
    const threadId = thread.id;
    await a.request('thread/shellCommand', { threadId, command: 'echo first' });
    await until(() => ends(heardA) === 1, 'the first command');
    const resumed = await b.resumeThread({ threadId });
    t.equal(resumed.thread.turns.length, 1);
    t.match(resumed.thread.turns[0]!.items, [{ type: 'commandExecution', aggregatedOutput: 'first\n' }]);

    const from = heardA.length;
    for (let n = 0; n < 5; n++) {
      await (n % 2 ? a : b).request('thread/shellCommand', { threadId, command: `echo out ${n}; echo err >&2` });
      await until(() => ends(heardA) === n + 2 && ends(heardB) === n + 1, `command ${n}`);
    }
    const later = heardA.slice(from);
    t.same(
      heardB.filter(({ sequence }) => sequence !== null && sequence >= later[0]!.sequence!),
      later,
    );
    t.same(
      later.map(({ sequence }) => sequence),
      later.map((_, at) => later[0]!.sequence! + at),
      'without gaps',
    );
    t.same([...new Set(heardC.map(({ method }) => method))].sort(), ['thread/started', 'thread/status/changed']);
  },
);

t.test('a client that is disconnected during a command misses nothing of it', async (t) => {
  const daemon = await daemonOf(t);
  const stays = await daemon.connect();
  const heard = listen(stays);
  const { thread } = await stays.request('thread/start', { cwd: daemon.work });
  const threadId = thread.id;
  // There is a file only when something was said.
  await stays.request('thread/shellCommand', { threadId, command: 'true' });
  await until(() => ends(heard) === 1, 'the thread has a file');

  const { url, cut } = await relay(t, daemon.url);
  const flaky = await connectWebSocket(url, { reconnect: { initialDelayMs: 5, maxDelayMs: 20 } });
  t.teardown(() => flaky.close());
  const heardFlaky = listen(flaky);
  await flaky.resumeThread({ threadId });
  let resumes = 0;
  flaky.onState((state) => {
    if (state.kind !== 'connected') return;
    flaky.resumeThread({ threadId, excludeTurns: true }).then(
      ({ caughtUp }) => {
        resumes++;
        t.equal(caughtUp, true);
      },
      () => {}, // cut off again before the answer came
    );
  });
  const gate = path.join(daemon.work, 'gate');
  const lines = `n=0; while [ ! -e ${gate} ] || [ $n -lt 200 ]; do n=$((n+1)); echo line $n; sleep 0.01; done; echo last`;
  await stays.request('thread/shellCommand', { threadId, command: lines });
  for (let round = 0; round < 6; round++) {
    const before = resumes;
    await elapse(60, 'some lines are printed on each connection');
    cut();
    await until(() => resumes > before, 'it is back');
  }
  fs.writeFileSync(gate, '');
  await until(() => ends(heard) === 2 && ends(heardFlaky) === 1, 'the command has ended');
  t.ok(output(heard).endsWith('last\n'));
  t.equal(output(heardFlaky), output(heard), 'every line once, in order');
  t.ok(resumes >= 6);
});

t.test('clients that join at random moments have every item exactly once', async (t) => {
  const daemon = await daemonOf(t);
  const driver = await daemon.connect();
  const heard = listen(driver);
  const { thread } = await driver.request('thread/start', { cwd: daemon.work });
  const threadId = thread.id;
  await driver.request('thread/shellCommand', { threadId, command: 'true' });
  await until(() => ends(heard) === 1, 'the thread has a file');

  const clients = await Promise.all(Array.from({ length: 8 }, () => daemon.connect()));
  const joined: { snapshot: string[]; heard: Heard[] }[] = [];
  const join = async (client: Client): Promise<void> => {
    const own = listen(client);
    await elapse(Math.random() * 300, 'clients join at any moment');
    const { thread } = await client.resumeThread({ threadId });
    const done = thread.turns.flatMap(({ items }) =>
      items.filter((item) => item.type === 'commandExecution' && item.status !== 'inProgress').map(({ id }) => id),
    );
    joined.push({ snapshot: done, heard: own });
  };
  const joining = Promise.all(clients.map(join));
  for (let n = 0; n < 12; n++) {
    await driver.request('thread/shellCommand', { threadId, command: `echo ${n}` });
    if (n % 3 === 0) await elapse(40, 'commands are spread over the joining');
  }
  await joining;
  await until(() => items(heard).length === 13, 'all commands');
  await until(() => joined.every(({ snapshot, heard }) => snapshot.length + items(heard).length >= 13), 'heard by all');
  for (const { snapshot, heard: own } of joined) t.same([...snapshot, ...items(own)].sort(), items(heard).sort());
});

t.test('work that a client starts in a thread continues without it, and ends with the thread', async (t) => {
  const daemon = await daemonOf(t);
  const [starter, witness] = [await daemon.connect(), await daemon.connect()];
  const heard = listen(witness);
  const { thread } = await starter.request('thread/start', { cwd: daemon.work });
  const threadId = thread.id;
  const text = marker();
  await starter.request('thread/shellCommand', {
    threadId,
    command: `sleep ${text} & setsid sleep ${text} & sleep ${text}`,
  });
  await until(() => alive(text).length >= 3, 'the command runs');
  await starter.close();
  const { thread: resumed } = await witness.resumeThread({ threadId });
  t.match(resumed, { status: { type: 'active', activeFlags: [] }, turns: [{ status: 'inProgress' }] });
  t.ok(alive(text).length >= 3, 'it runs on');

  await witness.request('thread/archive', { threadId });
  await until(() => alive(text).length === 0, 'the whole tree is gone');
  await until(() => heard.some(({ method }) => method === 'thread/archived'), 'the archiving is told');
  t.same(
    heard
      .filter(({ method }) => !method.endsWith('Delta') && method !== 'thread/started')
      .slice(-5)
      .map(({ method, params }) => (params.status as { type: string } | undefined)?.type ?? method),
    ['item/completed', 'idle', 'turn/completed', 'notLoaded', 'thread/archived'],
  );
  const ended = heard.find(({ method }) => method === 'turn/completed')!.params.turn as { status: string };
  t.equal(ended.status, 'interrupted');
});

t.test('a daemon that receives a signal waits for the turn, and a second signal ends it', async (t) => {
  const daemon = await startDaemon();
  const client = await daemon.connect();
  const { thread } = await client.request('thread/start', { cwd: daemon.work });
  const text = marker();
  await client.request('thread/shellCommand', { threadId: thread.id, command: `sleep ${text} & sleep ${text}` });
  await until(() => alive(text).length >= 2, 'the command runs');
  daemon.process.kill('SIGTERM');
  await elapse(300, 'an end that does not wait would come now');
  t.same((await client.request('thread/loaded/list', {})).data, [thread.id], 'it serves meanwhile');
  await daemon.stop();
  await until(() => alive(text).length === 0, 'the whole tree is gone');
  t.equal(daemon.process.exitCode, 0);
});

t.test(
  "a question survives the connection of its turn's starter, and the first client that was asked answers for all",
  async (t) => {
    const call = {
      type: 'function_call',
      id: 'fc',
      call_id: 'call',
      name: 'exec_command',
      arguments: '{"cmd":"touch asked"}',
    };
    const model = await startModelServer(
      [
        { type: 'response.created', response: { id: 'r' } },
        { type: 'response.output_item.done', item: call },
        { type: 'response.completed', response: { id: 'r' } },
      ],
      say('done'),
    );
    t.teardown(() => model.close());
    const daemon = await startDaemon({ config: modelConfig(model.url) });
    t.teardown(() => daemon.stop());
    const { url, cut } = await relay(t, daemon.url);
    const flaky = await connectWebSocket(url, { reconnect: { initialDelayMs: 5, maxDelayMs: 20 } });
    t.teardown(() => flaky.close());
    const other = await daemon.connect();
    const heard = listen(other);
    const ids: unknown[] = [];
    const method = 'item/commandExecution/requestApproval';
    let flakyAborted = 0;
    flaky.onRequest(method, (_params, { id, signal }) => {
      ids.push(id);
      // This person never answers.
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          flakyAborted++;
          reject(signal.reason as Error);
        });
      });
    });
    const { thread } = await flaky.request('thread/start', { cwd: daemon.work, approvalPolicy: 'untrusted' });
    const threadId = thread.id;
    await flaky.request('turn/start', { threadId, input: [{ type: 'text', text: 'go', text_elements: [] }] });
    await until(() => ids.length === 1, 'the question');
    const back = new Promise<void>((resolve) => {
      flaky.onState((state) => state.kind === 'connected' && resolve());
    });
    cut();
    await back;
    const { thread: waiting, caughtUp } = await flaky.resumeThread({ threadId });
    t.equal(caughtUp, true);
    t.same(waiting.status, { type: 'active', activeFlags: ['waitingOnApproval'] });
    await until(() => ids.length === 2, 'the question again');
    t.equal(ids[1], ids[0], 'under the same id');

    other.onRequest(method, (_params, { id }) => {
      ids.push(id);
      return { decision: 'accept' };
    });
    await other.resumeThread({ threadId });
    await until(() => ends(heard) === 1, 'the turn ends');
    t.equal(ids[2], ids[0]);
    t.equal(flakyAborted, 2, 'once with its connection, once by the answer of the other');
    t.ok(fs.existsSync(path.join(daemon.work, 'asked')));
    const [resolved] = heard.filter(({ method }) => method === 'serverRequest/resolved');
    t.same(resolved!.params, { threadId, requestId: ids[0] });
  },
);

const modelConfig = (url: string): string => `
model = "mock-model"
model_provider = "mock"
sandbox_mode = "danger-full-access"
[model_providers.mock]
name = "Mock"
base_url = "${url}"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
`;
