import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { createUserShell } from '../../../server/sessions/live/user-shell.js';
import type { LiveThread } from '../../../server/sessions/live/live-thread.js';
import { commandMethods } from '../../../server/sessions/methods/turns/commands.js';
import { turnMethods, type TurnDeps } from '../../../server/sessions/methods/turns/turn-methods.js';
import { silentLogger } from '../../../server/log/log.js';
import { testSupervisor } from '../../exec/support/fakes.js';
import { alive, marker } from '../../exec/support/processes.js';
import { settle } from '../../rpc/support.js';
import { createWorld, message, notes, stateOf, type MemoryClient, type Message, type World } from './support.js';
import { until } from '../../fixtures/until.js';

interface Item {
  readonly id: string;
  readonly status: string;
  readonly exitCode: number | null;
  readonly aggregatedOutput: string | null;
  readonly command: string;
}

function world(t: Test) {
  const { supervisor, registered } = testSupervisor();
  t.teardown(() => supervisor.close());
  const env = { PATH: process.env.PATH, SHELL: '/bin/bash', HOME: '/nonexistent', MINE: 'kept' };
  const shell = createUserShell({ supervisor: async () => supervisor, env, log: silentLogger });
  const made = createWorld(t, ({ threads }: World) => {
    // The dependencies of turn/interrupt.
    const deps = { threads, turns: { interruptPromised: () => false } } as unknown as TurnDeps;
    return { ...commandMethods({ threads, shell, env }), ...turnMethods(deps) };
  });
  return { ...made, registered };
}

const completedItems = (client: MemoryClient): Item[] =>
  notes(client, 'item/completed').map(({ params }) => params!.item as Item);
const deltas = (client: MemoryClient): string =>
  notes(client, 'item/commandExecution/outputDelta')
    .map(({ params }) => params!.delta as string)
    .join('');
const turnEnd = (client: MemoryClient, count = 1): Promise<Message> =>
  client.next(({ method }) => method === 'turn/completed' && notes(client, 'turn/completed').length >= count);

let requests = 0;
async function run(client: MemoryClient, thread: LiveThread, command: string, extra: object = {}) {
  const before = notes(client, 'turn/completed').length;
  const answer = await client.request(++requests, 'thread/shellCommand', { threadId: thread.id, command, ...extra });
  t.same(answer.result, {});
  await turnEnd(client, before + 1);
  return completedItems(client).at(-1)!;
}

t.test('a command is a turn of its own, and the model receives its result', async (t) => {
  const { start, join, records, registered } = world(t);
  const thread = await start();
  const client = await join(thread);
  const item = await run(client, thread, "printf 'a b'; echo err >&2");
  t.match(item, {
    type: 'commandExecution',
    source: 'userShell',
    status: 'completed',
    exitCode: 0,
    aggregatedOutput: 'a berr\n',
    processId: null,
    command: `/bin/bash -lc "printf 'a b'; echo err >&2"`,
    commandActions: [{ type: 'unknown', command: "printf 'a b'; echo err >&2" }],
  });
  t.same(
    notes(client)
      .map(({ method }) => method)
      .filter((method) => !method!.endsWith('Delta')),
    [
      'thread/status/changed',
      'turn/started',
      'item/started',
      'item/completed',
      'thread/status/changed',
      'turn/completed',
    ],
  );
  t.match(notes(client, 'turn/completed')[0]!.params!.turn, { status: 'completed', items: [], itemsView: 'notLoaded' });
  t.match(deltas(client), /a b/);
  t.match(registered[0]!.owner, { kind: 'thread', threadId: thread.id, itemId: item.id });
  const written = records(thread);
  t.match(written.at(-3)!.payload, {
    type: 'item_completed',
    item: {
      type: 'CommandExecution',
      command: ['/bin/bash', '-lc', "printf 'a b'; echo err >&2"],
      source: 'user_shell',
      status: 'completed',
      aggregated_output: 'a berr\n',
      exit_code: 0,
    },
  });
  const { role, content } = written.at(-2)!.payload as { role: string; content: { text: string }[] };
  t.equal(role, 'user');
  t.match(
    content[0]!.text,
    /^<user_shell_command>\n<command>\nprintf 'a b'; echo err >&2\n<\/command>\n<result>\nExit code: 0\nDuration: \d+\.\d{4} seconds\nOutput:\na berr\n\n<\/result>\n<\/user_shell_command>$/,
  );
});

t.test('it runs in the folder of the thread, without a sandbox, with the environment of the policy', async (t) => {
  const { start, join, folder } = world(t);
  const inner = path.join(folder, 'inner');
  fs.mkdirSync(inner);
  const thread = await start({ cwd: inner });
  const client = await join(thread);
  const item = await run(client, thread, 'pwd; echo "$MINE $CODEX_THREAD_ID"; tty; echo made > file');
  t.equal(item.aggregatedOutput, `${inner}\nkept ${thread.id}\nnot a tty\n`);
  t.equal(fs.readFileSync(path.join(inner, 'file'), 'utf8'), 'made\n');
});

t.test('the ways in which a command may fail', async (t) => {
  const { start, join } = world(t);
  const thread = await start();
  const client = await join(thread);
  t.match(await run(client, thread, 'exit 7'), { status: 'failed', exitCode: 7, aggregatedOutput: null });
  t.match(
    await run(client, thread, 'kill -9 $$'),
    { status: 'failed', exitCode: 137 },
    'as every shell counts signals',
  );
  t.match(
    await run(client, thread, 'echo hi; sleep 30', { timeoutMs: 400 }),
    { status: 'failed', exitCode: 124, aggregatedOutput: 'hi\n' },
    'what it had written is kept',
  );
  t.match(await run(client, thread, 'sleep 30', { timeoutMs: 0 }), { status: 'failed', exitCode: 124 });
  t.same(
    notes(client, 'turn/completed').map(({ params }) => (params!.turn as { status: string }).status),
    ['completed', 'completed', 'completed', 'completed'],
    'none of it is a failure of the turn',
  );
  thread.applySettings(stateOf('/nonexistent/folder'));
  t.match(await run(client, thread, 'pwd'), { status: 'failed', exitCode: -1, aggregatedOutput: /No such file/ });
  t.same(thread.status, { type: 'idle' });
});

t.test('an invalid command is refused', async (t) => {
  const { start, client } = world(t);
  const thread = await start();
  const other = await client();
  const ask = async (params: object) => (await other.request(++requests, 'thread/shellCommand', params)).error;
  t.match(await ask({ threadId: thread.id, command: ' \n' }), { code: -32600, message: 'command must not be empty' });
  t.match(await ask({ threadId: thread.id, command: 'x', timeoutMs: -1 }), {
    code: -32602,
    message: 'thread/shellCommand timeoutMs must be non-negative, got -1',
  });
  t.match(await ask({ threadId: 'zz', command: 'x' }), { code: -32600, message: /^invalid thread id: / });
  t.match(await ask({ threadId: '00000000-0000-4000-8000-000000000000', command: 'x' }), {
    message: 'thread not found: 00000000-0000-4000-8000-000000000000',
  });
});

t.test('an interrupt kills the whole process tree', async (t) => {
  const { start, join } = world(t);
  const thread = await start();
  const client = await join(thread);
  const text = marker();
  await client.request('s', 'thread/shellCommand', {
    threadId: thread.id,
    command: `sleep ${text} & setsid sleep ${text} & echo up; sleep ${text}`,
  });
  await until(() => deltas(client).includes('up') && alive(text).length >= 3, 'the command runs');
  const turnId = thread.turn!.id;
  const wrong = await client.request('w', 'turn/interrupt', { threadId: thread.id, turnId: 'other' });
  t.equal(wrong.error!.message, `expected active turn id other but found ${turnId}`);
  t.same((await client.request('i', 'turn/interrupt', { threadId: thread.id, turnId })).result, {});
  const { params } = await turnEnd(client);
  t.equal((params!.turn as { status: string }).status, 'interrupted');
  t.match(completedItems(client), [
    { status: 'failed', exitCode: -1, aggregatedOutput: 'up\ncommand aborted by user' },
  ]);
  await until(() => alive(text).length === 0, 'all of it is gone');
  const late = await client.request('l', 'turn/interrupt', { threadId: thread.id, turnId });
  t.equal(late.error!.message, 'no active turn to interrupt');
  t.same((await client.request('e', 'turn/interrupt', { threadId: thread.id, turnId: '' })).result, {});
});

t.test('unloading the thread kills its commands, and reports their ends', async (t) => {
  const { start, join, threads } = world(t);
  const thread = await start();
  const client = await join(thread);
  const text = marker();
  await client.request('s', 'thread/shellCommand', { threadId: thread.id, command: `sleep ${text} & sleep ${text}` });
  await until(() => alive(text).length >= 2, 'the command runs');
  await threads.unload(thread.id);
  await until(() => alive(text).length === 0, 'all of it is gone');
  await settle();
  t.equal(completedItems(client).length, 1);
  t.same((notes(client, 'turn/completed')[0]!.params!.turn as { status: string }).status, 'interrupted');
});

t.test('simultaneous commands share one turn, which ends with the last of them', async (t) => {
  const { start, join, folder } = world(t);
  const thread = await start();
  const client = await join(thread);
  const gate = path.join(folder, 'gate');
  const wait = `while [ ! -e ${gate} ]; do sleep 0.05; done; echo`;
  for (const command of [`${wait} A`, 'echo B', `${wait} C`]) {
    await client.request(++requests, 'thread/shellCommand', { threadId: thread.id, command });
  }
  await until(() => completedItems(client).length === 1, 'B is done');
  t.equal(notes(client, 'turn/completed').length, 0);
  fs.writeFileSync(gate, '');
  await turnEnd(client);
  t.equal(notes(client, 'turn/started').length, 1);
  t.same(
    completedItems(client)
      .map(({ aggregatedOutput }) => aggregatedOutput)
      .sort(),
    ['A\n', 'B\n', 'C\n'],
  );
  await run(client, thread, 'echo D');
  t.equal(notes(client, 'turn/started').length, 2, 'the next has a turn of its own');
});

t.test('a command that joins a turn of the model does not end it', async (t) => {
  const { start, join } = world(t);
  const thread = await start();
  const client = await join(thread);
  const turn = thread.beginTurn();
  await client.request(++requests, 'thread/shellCommand', { threadId: thread.id, command: 'echo joined' });
  await until(() => completedItems(client).length === 1, 'the command is done');
  t.equal(thread.turn, turn);
  turn.itemCompleted(message('a', 'answer'));
  await turn.end({ status: 'completed' });
  await settle();
  t.equal(notes(client, 'turn/completed').length, 1);
});

t.test('much output: clients receive all of it, the item stores a mebibyte, the model receives a little', async (t) => {
  const { start, join, records } = world(t);
  const thread = await start();
  const client = await join(thread);
  const item = await run(client, thread, "head -c 3000000 /dev/zero | tr '\\0' x; echo end");
  t.equal(deltas(client).length, 3_000_004);
  t.ok(Buffer.byteLength(item.aggregatedOutput!) < 1024 * 1024 + 100);
  t.match(item.aggregatedOutput, /x\n\.\.\. \d+ bytes omitted \.\.\.\nx+end\n$/);
  const told = JSON.stringify(records(thread).at(-2)!.payload);
  t.ok(told.length < 12_000);
  t.match(told, /chars truncated/);
});

t.test('incomplete and invalid characters are the same in notifications and in the item', async (t) => {
  const { start, join } = world(t);
  const thread = await start();
  const client = await join(thread);
  const item = await run(client, thread, "printf 'caf\\303'; sleep 0.3; printf '\\251 \\377\\n'");
  t.equal(item.aggregatedOutput, 'café \ufffd\n');
  t.equal(deltas(client), 'café \ufffd\n');
});

t.test('a command that comes while a turn ends gets a turn of its own', async (t) => {
  const { start, join } = world(t);
  const thread = await start();
  const client = await join(thread);
  const turn = thread.beginTurn();
  const release = turn.hold();
  const ended = turn.end({ status: 'completed' });
  await client.request(++requests, 'thread/shellCommand', { threadId: thread.id, command: 'echo after' });
  await settle();
  t.equal(completedItems(client).length, 0, 'it waits');
  release();
  await ended;
  await turnEnd(client, 2);
  t.equal(notes(client, 'turn/started').length, 2);
  t.match(notes(client, 'item/completed')[0]!.params, {
    turnId: (notes(client, 'turn/started')[1]!.params!.turn as { id: string }).id,
  });
});

t.test('a turn ends even if its work does not stop', async (t) => {
  const { start, join } = world(t);
  const thread = await start();
  const client = await join(thread);
  const turn = thread.beginTurn();
  turn.itemStarted(message('a', ''));
  turn.hold();
  await thread.interrupt();
  await settle();
  t.match(notes(client, 'turn/completed')[0]!.params!.turn, { id: turn.id, status: 'interrupted' });
  t.equal(thread.turn, null);
});
