import t from 'tap';
import {
  apply,
  EMPTY,
  fromTurns,
  toneOf,
  wordsOf,
  type Item,
  type Timeline,
  type Turn,
} from '../../../clients/console/state/timeline.js';

const message = (id: string, text: string): Item => ({ type: 'agentMessage', id, text }) as unknown as Item;
const turn = (id: string, status: string, items: readonly Item[] = []): Turn =>
  ({ id, status, items, error: null }) as unknown as Turn;
const of = { threadId: 't', turnId: 'u' };
const play = (start: Timeline, ...steps: readonly (readonly [string, object, number?])[]): Timeline =>
  steps.reduce((timeline, [method, params, sequence]) => apply(timeline, method, params, sequence ?? null), start);
const shapes = ({ entries }: Timeline): string[] =>
  entries.map((entry) =>
    entry.kind === 'item'
      ? `${entry.item.type}${entry.done ? '' : ' …'}`
      : entry.kind === 'turn'
        ? `turn ${entry.turn.status}`
        : entry.kind,
  );

t.test('a turn of a response and its notifications are one list', async (t) => {
  const start = fromTurns(
    [turn('a', 'completed', [message('1', 'old')]), turn('u', 'inProgress', [message('2', 'x')])],
    5,
  );
  t.equal(start.activeTurnId, 'u');
  const end = play(
    start,
    ['item/agentMessage/delta', { ...of, itemId: '2', delta: 'y' }, 6],
    ['item/completed', { ...of, item: message('2', 'xy') }, 7],
    ['turn/completed', { threadId: 't', turn: turn('u', 'completed') }, 8],
  );
  t.strictSame(shapes(end), ['agentMessage', 'turn completed', 'agentMessage', 'turn completed']);
  t.match(end.entries[2], { item: { text: 'xy' }, done: true });
  t.equal(end.activeTurnId, null);
  t.equal(end.entries[0], start.entries[0], 'what did not change is the same object');
});

t.test('text, reasoning, output and patches grow in place', async (t) => {
  const end = play(
    EMPTY,
    ['turn/started', { threadId: 't', turn: turn('u', 'inProgress') }],
    ['item/started', { ...of, item: { type: 'reasoning', id: 'r', summary: [], content: [] } }],
    ['item/reasoning/summaryTextDelta', { ...of, itemId: 'r', delta: 'b', summaryIndex: 1 }],
    ['item/reasoning/textDelta', { ...of, itemId: 'r', delta: 'c', contentIndex: 0 }],
    ['item/started', { ...of, item: { type: 'commandExecution', id: 'c', aggregatedOutput: null } }],
    ['item/commandExecution/outputDelta', { ...of, itemId: 'c', delta: 'out' }],
    ['item/started', { ...of, item: { type: 'fileChange', id: 'f', changes: [] } }],
    ['item/fileChange/patchUpdated', { ...of, itemId: 'f', changes: [{ path: 'x' }] }],
    ['item/started', { ...of, item: { type: 'plan', id: 'p', text: '' } }],
    ['item/plan/delta', { ...of, itemId: 'p', delta: 'step' }],
    ['item/agentMessage/delta', { ...of, itemId: 'nobody', delta: 'lost' }],
    ['turn/diff/updated', { ...of, diff: 'd' }],
    ['thread/tokenUsage/updated', { ...of, tokenUsage: { total: { totalTokens: 3 } } }],
  );
  t.match(end.entries, [
    { item: { summary: ['', 'b'], content: ['c'] } },
    { item: { aggregatedOutput: 'out' } },
    { item: { changes: [{ path: 'x' }] } },
    { item: { text: 'step' } },
  ]);
  t.match(end, { turnDiff: 'd', usage: { total: { totalTokens: 3 } }, activeTurnId: 'u' });
});

t.test('a jump of the numbers is shown as a gap, a repeated number is not', async (t) => {
  const end = play(
    { ...EMPTY, sequence: 10 },
    ['warning', { threadId: 't', message: 'w' }, 11],
    ['warning', { threadId: 't', message: 'again' }, 11],
    ['unknown/method', {}, 15],
    ['error', { ...of, error: { message: 'e' }, willRetry: true }, 16],
  );
  t.strictSame(shapes(end), ['note', 'note', 'gap', 'note']);
  t.match(end.entries[2], { after: 11, missing: 3 });
  t.match(end.entries[3], { tone: 'warn', text: 'e (tries again)' });
  t.equal(end.sequence, 16);
});

t.test('a plan is replaced by its newer form', async (t) => {
  const plan = (status: string): object => ({ ...of, explanation: null, plan: [{ step: 'a', status }] });
  const end = play(EMPTY, ['turn/plan/updated', plan('pending')], ['turn/plan/updated', plan('completed')]);
  t.match(end.entries, [{ plan: { plan: [{ status: 'completed' }] } }]);
  t.equal(end.entries.length, 1);
});

t.test('words and tones of a status', async (t) => {
  t.strictSame(
    [wordsOf('inProgress'), wordsOf('failed'), toneOf('declined'), toneOf('new')],
    ['running', 'failed', 'warn', 'plain'],
  );
});
