import t from 'tap';
import { createObservedCommands } from '../../server/exec/observe/observed-commands.js';
import { createDecisionLog } from '../../server/network-approval/audit/decision-log.js';
import { notifyOperators } from '../../server/operator/notify-operators.js';
import type { Caller } from '../../server/rpc/connection/caller.js';
import { createOpenQuestions } from '../../server/rpc/connection/open-questions.js';
import type { RpcServer } from '../../server/rpc/server.js';
import { decision } from '../network-approval/support/decision.js';
import { until } from '../fixtures/until.js';
import { fakeClient, runCommand, type FakeClient } from './support.js';

function scene(clients: readonly FakeClient[], may: 'none' | 'see' | 'answer' = 'see') {
  const observed = createObservedCommands();
  const decisions = createDecisionLog();
  const questions = createOpenQuestions({ info: () => {} });
  let present = clients;
  let look = (): void => {};
  const rpc = {
    callers: () => present.map(({ caller }) => caller),
    questions,
    encode: (method: string, params: unknown) => ({ method, message: params }),
    deliver(callers: Iterable<Caller>, { method, message }: { method: string; message: unknown }) {
      for (const caller of callers) caller.notify(method as 'warning', message as never);
    },
    watchConnections: (changed: () => void) => ((look = changed), () => {}),
  } as unknown as RpcServer;
  const stop = notifyOperators({ rpc, observed, decisions, may: () => may });
  return {
    observed,
    decisions,
    questions,
    stop,
    leave(client: FakeClient) {
      present = present.filter((one) => one !== client);
      look();
    },
  };
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const methods = ({ sent }: FakeClient): string[] => sent.map(([method]) => method);

t.test('operators receive what changes, and others nothing', async (t) => {
  const [operator, other] = [fakeClient(1), fakeClient(2, { operator: false })];
  const { observed, decisions, questions, stop, leave } = scene([operator, other]);
  t.teardown(stop);
  runCommand(observed, 'a').end();
  decisions.record(decision('h.example'));
  const settle = questions.open(
    {
      owner: { kind: 'connection', connectionId: 2, requestId: 1, processId: null },
      method: 'network/requestApproval',
      params: {},
    },
    () => {},
  );
  settle(null);
  await until(() => operator.sent.length >= 5, 'the batch comes');
  t.same(methods(operator).sort(), [
    'operator/commands/changed',
    'operator/connections/changed',
    'operator/network/decided',
    'operator/prompts/opened',
    'operator/prompts/settled',
  ]);
  const changed = operator.sent.find(([method]) => method === 'operator/commands/changed');
  t.match(changed, [changed?.[0], { data: [{ commandId: 'a', state: 'ended' }] }], 'one entry a command');
  t.same(other.sent, []);
  leave(operator);
  runCommand(observed, 'b');
  t.same(operator.sent.length, 5);
});

t.test('an operator that does not read learns once that it missed something', async (t) => {
  const slow = fakeClient(1, { slow: true });
  const { questions, stop } = scene([slow]);
  t.teardown(stop);
  const ask = () =>
    questions.open(
      {
        owner: { kind: 'connection', connectionId: 2, requestId: 1, processId: null },
        method: 'network/requestApproval',
        params: {},
      },
      () => {},
    );
  ask();
  await turn();
  for (let n = 0; n < 100; n++) ask();
  t.same(methods(slow), ['operator/prompts/opened'], 'nothing is kept for it');
  slow.drain();
  await until(() => slow.sent.length >= 2, 'it reads again');
  t.equal(methods(slow)[1], 'operator/lagged');
});

t.test('where operators are forbidden nothing is sent', async (t) => {
  const operator = fakeClient(1);
  const { questions, stop } = scene([operator], 'none');
  t.teardown(stop);
  questions.open(
    {
      owner: { kind: 'connection', connectionId: 2, requestId: 1, processId: null },
      method: 'network/requestApproval',
      params: {},
    },
    () => {},
  );
  t.same(operator.sent, []);
});
