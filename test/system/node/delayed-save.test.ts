/** Many changes are saved once, and a change that a save missed is saved later. */
import t from 'tap';
import { createDelayedSave } from '../../../server/system/node/delayed-save.js';
import { until } from '../../fixtures/until.js';

function scene(save: () => Promise<void>, afterMs = 1) {
  const state = { changes: 0, saves: 0, errors: [] as unknown[] };
  const delayed = createDelayedSave({
    changes: () => state.changes,
    save: () => (state.saves++, save()),
    afterMs,
    failed: (error) => void state.errors.push(error),
  });
  return { state, delayed };
}

t.test('changes are saved together, after the delay or with the end', async (t) => {
  const { state, delayed } = scene(async () => {});
  delayed.soon();
  state.changes = 3;
  delayed.soon();
  delayed.soon();
  await until(() => state.saves === 1, 'the save');
  await delayed.close();
  t.equal(state.saves, 1, 'nothing changed since');
  const late = scene(async () => {}, 3_600_000);
  late.state.changes = 1;
  late.delayed.soon();
  await late.delayed.close();
  t.equal(late.state.saves, 1);
});

t.test('what was loaded needs no save', async (t) => {
  const { state, delayed } = scene(async () => {});
  state.changes = 5;
  delayed.saved();
  await delayed.close();
  t.equal(state.saves, 0);
});

t.test('a change during the save, and a save that failed, are saved next time', async (t) => {
  const { state, delayed } = scene(async () => {
    if (state.saves === 1) state.changes++;
    if (state.saves === 2) throw new Error('no disk');
  });
  state.changes = 1;
  await delayed.close();
  await delayed.close();
  t.match(state.errors, [{ message: 'no disk' }]);
  await delayed.close();
  t.equal(state.saves, 3);
  await delayed.close();
  t.equal(state.saves, 3);
});
