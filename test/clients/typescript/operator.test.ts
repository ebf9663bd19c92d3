import t from 'tap';
import { ConnectionLostError, watchOperator, type Client } from '../../../clients/typescript/index.js';
import { until } from '../../fixtures/until.js';

/** A client whose lists are scripted: a promise is an answer that has not come yet. */
function scene() {
  const listeners = new Map<string, (params: unknown) => void>();
  const answers: Record<string, () => unknown> = {};
  const asked: [method: string, params: unknown][] = [];
  let state: (state: { kind: string }) => void = () => {};
  const listen = (method: string, listener: (params: unknown) => void) => {
    listeners.set(method, listener);
    return () => void listeners.delete(method);
  };
  const client = {
    onNotification: listen,
    onState: (listener: typeof state) => ((state = listener), () => (state = () => {})),
    async request(method: string, params: unknown) {
      asked.push([method, params]);
      return (await answers[method]?.()) ?? { data: [] };
    },
  } as unknown as Client;
  const notify = (method: string, params: unknown): void => listeners.get(method)?.(params);
  return { client, answers, asked, listeners, notify, state: (kind: string) => state({ kind }) };
}
const fail = (error: Error): void => {
  throw error;
};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

t.test('only what has a callback is listed, and changes are applied to the list', async (t) => {
  const { client, answers, asked, notify, listeners } = scene();
  const shown: string[] = [];
  let answer: (value: unknown) => void = () => {};
  answers['operator/commands/list'] = () => new Promise((resolve) => (answer = resolve));
  const stop = watchOperator(client, {
    onCommands: (all) => void shown.push(all.map(({ commandId, state }) => `${commandId} ${state}`).join()),
    onError: fail,
  });
  notify('operator/commands/changed', { data: [{ commandId: 'b', state: 'running' }] });
  t.same(shown, [], 'the list has not come');
  answer({ data: [{ commandId: 'a', state: 'running' }] });
  await until(() => shown.length === 2, 'the list and what came meanwhile');
  notify('operator/commands/changed', { data: [{ commandId: 'a', state: 'ended', end: { endedAtMs: 1 } }] });
  t.same(shown, ['a running', 'a running,b running', 'a ended,b running']);
  const many = Array.from({ length: 30 }, (_, n) => ({ commandId: `${n}`, state: 'ended', end: { endedAtMs: n + 2 } }));
  notify('operator/commands/changed', { data: many });
  t.equal(shown.at(-1)?.split(',').length, 21, 'the last that ended, and those that run');
  t.same(asked, [['operator/commands/list', {}]]);
  stop();
  t.same([...listeners.keys()], []);
});

t.test('questions open and are settled', async (t) => {
  const { client, answers, notify } = scene();
  const shown: string[][] = [];
  answers['operator/prompts/list'] = () => ({ data: [{ promptId: '1' }] });
  watchOperator(client, { onPrompts: (open) => void shown.push(open.map(({ promptId }) => promptId)), onError: fail });
  await until(() => shown.length === 1, 'the list');
  notify('operator/prompts/opened', { prompt: { promptId: '2' } });
  notify('operator/prompts/settled', { promptId: '1' });
  notify('operator/prompts/settled', { promptId: 'of before' });
  t.same(shown, [['1'], ['1', '2'], ['2']]);
});

t.test('it lists again after it missed something and after a reconnect, one list at a time', async (t) => {
  const { client, asked, notify, state } = scene();
  const shown: number[] = [];
  const stop = watchOperator(client, { onConnections: ({ length }) => void shown.push(length), onError: fail });
  await turn();
  t.equal(asked.length, 1);
  for (const make of [
    () => notify('operator/lagged', {}),
    () => state('connected'),
    () => notify('operator/connections/changed', {}),
  ]) {
    const before = asked.length;
    make();
    make();
    make();
    await turn();
    t.equal(asked.length, before + 2, 'the running list, and one for all that was asked for meanwhile');
  }
  state('reconnecting');
  stop();
  state('connected');
  notify('operator/lagged', {});
  await turn();
  t.equal(asked.length, 7);
});

t.test('no decision is missing, and none comes twice', async (t) => {
  const { client, answers, asked, notify } = scene();
  const seen: number[] = [];
  const pages = [
    { data: [{ sequence: 1 }, { sequence: 2 }], latestCursor: 'a', nextCursor: 'a', restarted: false },
    { data: [{ sequence: 3 }], latestCursor: 'b', nextCursor: null, restarted: false },
    { data: [4, 5, 6, 7].map((sequence) => ({ sequence })), latestCursor: 'c', nextCursor: null, restarted: false },
    { data: [{ sequence: 1 }], latestCursor: 'd', nextCursor: null, restarted: true },
  ];
  answers['network/decisions/list'] = () => pages.shift();
  watchOperator(client, {
    onDecisions: (data) => void seen.push(...data.map(({ sequence }) => sequence)),
    onError: fail,
  });
  await until(() => seen.length === 3, 'the stored ones');
  notify('operator/network/decided', { data: [{ sequence: 3 }, { sequence: 4 }], dropped: 0 });
  t.same(seen, [1, 2, 3, 4]);
  t.equal(asked.length, 2, 'what follows needs no request');
  notify('operator/network/decided', { data: [{ sequence: 6 }], dropped: 1 });
  await until(() => seen.length === 7, 'the gap is listed');
  notify('operator/lagged', {});
  await until(() => seen.length === 8, 'another daemon');
  t.same(seen, [1, 2, 3, 4, 5, 6, 7, 1]);
  t.same(
    asked.map(([, params]) => (params as { cursor: string | null }).cursor),
    [null, 'a', 'b', 'c'],
  );
});

t.test('a refused list is an error, a lost connection is not', async (t) => {
  const { client, answers, notify } = scene();
  const errors: Error[] = [];
  const refusals = [new Error('no operators'), new ConnectionLostError('operator/prompts/list', new Error('gone'))];
  answers['operator/prompts/list'] = () => Promise.reject(refusals.shift()!);
  watchOperator(client, { onPrompts: () => {}, onError: (error) => void errors.push(error) });
  await turn();
  notify('operator/lagged', {});
  await turn();
  t.match(errors, [{ message: 'no operators' }]);
  t.equal(refusals.length, 0);
});
