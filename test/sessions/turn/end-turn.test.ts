/** What an error in a turn becomes, and what is kept of the person's messages at the end. */
import t from 'tap';
import { ModelError } from '../../../server/sessions/model/provider/model-provider.js';
import { endTurn, outcomeOf, turnError } from '../../../server/sessions/turn/end-turn.js';
import { typed, work } from './in-process.js';

t.test('an error of the model has its code and is not logged; a fault of our own is', async (t) => {
  const { thread, turn, model, log, logged } = await work(t);
  const options = { thread, turn, model, daemon: { log } };
  t.match(await outcomeOf(options, () => Promise.reject(new ModelError('too much', 'usageLimitExceeded', 'never'))), {
    status: 'failed',
    error: { message: 'too much', codexErrorInfo: 'usageLimitExceeded' },
  });
  t.strictSame(logged, []);
  t.match(await outcomeOf(options, () => Promise.reject(new Error('a fault'))), {
    status: 'failed',
    error: { message: 'a fault', codexErrorInfo: 'other' },
  });
  t.match(logged, [/^turn .* of thread .* failed/]);
  const aborted = { ...options, turn: { id: turn.id, signal: AbortSignal.abort() } };
  t.strictSame(await outcomeOf(aborted, () => Promise.reject(new Error('any'))), { status: 'interrupted' });
});

t.test('an error of the system is in its words', async (t) => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28 });
  t.match(turnError(full), { codexErrorInfo: 'other', message: 'no space is left on the disk (ENOSPC)' });
});

t.test('messages that came too late are in the history before the turn ends', async (t) => {
  const { thread, turn, model, log, told, history } = await work(t);
  thread.runtime.work.waiting.push(typed('late'), typed('later'));
  await endTurn({ thread, turn, model, daemon: { log } }, { status: 'completed' });
  t.strictSame(thread.runtime.work.waiting, []);
  t.match(JSON.stringify(await history()), /"late".*"later"/);
  t.match(told('item/completed'), [{ item: { type: 'userMessage' } }, { item: { type: 'userMessage' } }]);
  t.equal(thread.turn, null);
});
