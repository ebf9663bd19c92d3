import t from 'tap';
import { createObservedCommands } from '../../server/exec/observe/observed-commands.js';
import { silentLogger } from '../../server/log/log.js';
import { operatorMethods, type OperatorOptions } from '../../server/operator/operator-methods.js';
import { createOpenQuestions } from '../../server/rpc/connection/open-questions.js';
import { fakeClient, runCommand } from './support.js';

const ITEM: Omit<Extract<ReturnType<OperatorOptions['runningItem']>, { type: 'fileChange' }>, 'id'> = {
  type: 'fileChange',
  changes: [],
  status: 'inProgress',
};
const CONTEXT = { requestId: 1, afterAnswer: () => {} };

function scene(may: 'none' | 'see' | 'answer') {
  const observed = createObservedCommands();
  const { caller } = fakeClient(1);
  const rpc = { callers: () => [caller], connections: () => [], questions: createOpenQuestions(silentLogger) };
  const overview = {} as OperatorOptions['overview'];
  const approved: unknown[] = [];
  const sessionAllowance = {
    test: () => Promise.resolve({ verdict: 'ask', explanation: '' } as const),
    memoryOf: () => ({ approve: (target: unknown) => void approved.push(target) }),
  };
  const options: OperatorOptions = {
    rpc,
    observed,
    overview,
    subscribedThreads: () => 0,
    may: () => may,
    runningItem: (threadId, id) => (threadId === 't' ? { ...ITEM, id } : null),
    sessionAllowance,
    log: silentLogger,
  };
  return { questions: rpc.questions, observed, caller, approved, methods: operatorMethods(options) };
}

t.test('an operator that may act does, on a command that runs', async (t) => {
  const { observed, caller, methods } = scene('answer');
  const { done, end } = runCommand(observed, 'a');
  await methods['operator/commands/write']({ commandId: 'a', data: 'aGk=' }, caller, CONTEXT);
  t.same(await methods['operator/commands/terminate']({ commandId: 'a' }, caller, CONTEXT), { terminated: true });
  t.same(done, ['write hi', 'terminate']);
  await t.rejects(async () => methods['operator/commands/write']({ commandId: 'a', data: '?' }, caller, CONTEXT), {
    message: /^invalid data/,
  });
  end();
  t.same(await methods['operator/commands/terminate']({ commandId: 'a' }, caller, CONTEXT), { terminated: false });
  await t.rejects(async () => methods['operator/commands/write']({ commandId: 'a', data: '' }, caller, CONTEXT), {
    message: 'the command has ended: a',
  });
  await t.rejects(async () => methods['operator/commands/watch']({ commandId: 'x' }, caller, CONTEXT), {
    message: 'no such command: x',
  });
});

const HOST = { threadId: 't', host: 'A.test', port: 443, protocol: 'https' } as const;

t.test('a host is approved for the session of a thread', async (t) => {
  const { caller, methods, approved } = scene('answer');
  t.same(await methods['operator/network/allowForSession'](HOST, caller, CONTEXT), {});
  t.same(approved, [{ protocol: 'https', host: 'a.test', port: 443 }]);
});

t.test('the item of a question is read from the turn that asks, as long as it asks', async (t) => {
  const { caller, methods, questions } = scene('see');
  const owner = { kind: 'thread', threadId: 't', turnId: 'u', itemId: 'i', mcpServer: null } as const;
  const method = 'item/fileChange/requestApproval';
  const settle = questions.open({ owner, method, params: {} }, () => {});
  const read = (promptId: string) => methods['operator/prompts/item']({ promptId }, caller, CONTEXT);
  const [{ id = '' } = {}] = questions.list();
  t.match(await read(id), { item: { type: 'fileChange', id: 'i' } });
  settle(null);
  t.same(await read(id), { item: null }, 'it is settled');
  questions.open({ owner: { ...owner, itemId: null }, method, params: {} }, () => {});
  t.same(await read(questions.list()[0]?.id ?? ''), { item: null }, 'it has no item');
});

t.test('an operator that may look cannot act', async (t) => {
  const { observed, caller, methods, approved } = scene('see');
  const { done } = runCommand(observed, 'a');
  t.match(await methods['operator/commands/list']({}, caller, CONTEXT), { data: [{ commandId: 'a' }] });
  for (const act of [
    () => methods['operator/commands/terminate']({ commandId: 'a' }, caller, CONTEXT),
    () => methods['operator/commands/write']({ commandId: 'a', data: '' }, caller, CONTEXT),
    () => methods['operator/commands/resize']({ commandId: 'a', size: { rows: 1, cols: 1 } }, caller, CONTEXT),
    () => methods['operator/prompts/answer']({ promptId: '1', result: {} }, caller, CONTEXT),
    () => methods['operator/network/allowForSession'](HOST, caller, CONTEXT),
  ]) {
    await t.rejects(async () => act(), { message: /may only look/ });
  }
  t.same([...done, ...approved], []);
});

t.test('where the configuration allows no operators, no question is read and no host is allowed', async (t) => {
  const { caller, methods, approved, questions } = scene('none');
  const owner = { kind: 'thread', threadId: 't', turnId: 'u', itemId: 'i', mcpServer: null } as const;
  questions.open({ owner, method: 'item/fileChange/requestApproval', params: {} }, () => {});
  const promptId = questions.list()[0]?.id ?? '';
  const none = { message: /allows no operators/ };
  await t.rejects(async () => methods['operator/prompts/item']({ promptId }, caller, CONTEXT), none);
  await t.rejects(async () => methods['operator/network/allowForSession'](HOST, caller, CONTEXT), none);
  const { caller: client } = fakeClient(2, { operator: false });
  const { methods: open } = scene('answer');
  const other = { message: /capability/ };
  await t.rejects(async () => open['operator/network/allowForSession'](HOST, client, CONTEXT), other);
  await t.rejects(async () => open['operator/prompts/item']({ promptId }, client, CONTEXT), other);
  t.same(approved, []);
});
