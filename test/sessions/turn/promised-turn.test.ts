/** The turns that clients see before they begin, and by the facts of their end. */
import t from 'tap';
import { notifyNeverBegun, promised, wireTurn } from '../../../server/sessions/turn/promised-turn.js';

const error = { message: 'no disk', codexErrorInfo: 'other', additionalDetails: null, misalignment: null } as const;

t.test('a promised turn is in progress, without items and times', async (t) => {
  const turn = promised('t1', 'root');
  t.match(turn, { id: 't1', rootTurnId: 'root', status: 'inProgress', items: [], itemsView: 'notLoaded' });
  t.strictSame([turn.startedAt, turn.completedAt, turn.durationMs, turn.error], [null, null, null, null]);
  t.strictSame(wireTurn({ id: 't1', rootTurnId: 'root', end: null }), turn);
});

t.test('an ended turn has its outcome, seconds on the clock, and milliseconds between them', async (t) => {
  const end = { outcome: { status: 'failed', error }, startedAtMs: 5_000, atMs: 7_500 } as const;
  t.match(wireTurn({ id: 't1', rootTurnId: 't1', end }), {
    status: 'failed',
    error,
    startedAt: 5,
    completedAt: 7,
    durationMs: 2_500,
  });
  const completed = { ...end, outcome: { status: 'completed' } } as const;
  t.match(wireTurn({ id: 't1', rootTurnId: 't1', end: completed }), { status: 'completed', error: null });
});

t.test('clients learn that a promised turn never begins: its error first, then its end', async (t) => {
  const told: unknown[] = [];
  const events = { notify: (method: string, params: unknown) => void told.push({ method, params }) };
  const turn = { id: 't1', rootTurnId: 't1' };
  notifyNeverBegun({ id: 'thread', events }, { ...turn, outcome: { status: 'failed', error } });
  t.match(told, [
    { method: 'error', params: { error, willRetry: false, threadId: 'thread', turnId: 't1' } },
    { method: 'turn/completed', params: { threadId: 'thread', turn: { id: 't1', status: 'failed', durationMs: 0 } } },
  ]);
  told.length = 0;
  notifyNeverBegun({ id: 'thread', events }, { ...turn, outcome: { status: 'interrupted' } });
  t.match(told, [{ method: 'turn/completed', params: { turn: { status: 'interrupted', error: null } } }]);
});
