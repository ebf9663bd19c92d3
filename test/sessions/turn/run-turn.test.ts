/** A turn ends and is reported in every case: after its work, after a fault, and if it could not even begin. */
import t, { type Test } from 'tap';
import type { ModelProvider } from '../../../server/sessions/model/provider/model-provider.js';
import { createToolbox } from '../../../server/sessions/tools/toolbox.js';
import { createRunTurn, type TurnToRun } from '../../../server/sessions/turn/run-turn.js';
import { scripted, typed, work } from './in-process.js';

async function scene(t: Test, more: { provider?: ModelProvider | null; warning?: string } = {}) {
  const made = await work(t);
  const { thread, turn, model, log } = made;
  await turn.end({ status: 'completed' });
  const ended: unknown[] = [];
  const { provider = scripted([]) } = more;
  const runTurn = createRunTurn({
    models: { find: async () => provider },
    toolbox: createToolbox({ tools: [], otherTool: () => null, more: () => [] }),
    modelInfo: model.infoOf,
    learnModel: async () => more.warning ?? null,
    onEnd: (of, { id }, outcome) => void ended.push({ thread: of.id, id, outcome }),
    codexHome: made.world.folder,
    approvedPrefixes: () => [],
    goals: { used: () => {} },
    log,
  });
  const run = (what: Partial<TurnToRun> = {}) =>
    runTurn(thread, {
      kind: 'turn',
      client: model.client,
      run: async (loop) => {
        await loop.turn.end({ status: 'completed' });
        return { status: 'completed' };
      },
      ...what,
    });
  return { ...made, run, ended };
}

t.test('the turn with the promised id, its end, and a warning only once', async (t) => {
  const { thread, run, ended, told } = await scene(t, { warning: 'little space' });
  const { schedule } = thread.runtime;
  for (const id of ['turn-1', 'turn-2']) {
    schedule.starting = { id, interrupted: false };
    schedule.latest = { id, rootTurnId: id, said: new Set(), end: null };
    await run({ id });
    t.equal(schedule.starting, null);
    t.match(schedule.latest, { end: { outcome: { status: 'completed' } } });
  }
  t.match(ended, [{ id: 'turn-1' }, { id: 'turn-2' }]);
  t.match(told('warning'), [{ message: 'little space' }]);
});

t.test('it waits for the turn that runs', async (t) => {
  const { thread, run, ended } = await scene(t);
  const running = thread.beginTurn();
  const done = run({ id: 'next' });
  t.strictSame(ended, []);
  await running.end({ status: 'completed' });
  await done;
  t.match(ended, [{ id: 'next' }]);
});

t.test('an interrupt of a promised turn ends it as soon as it begins', async (t) => {
  const { thread, run } = await scene(t);
  thread.runtime.schedule.starting = { id: 'turn-1', interrupted: true };
  let aborted = false;
  await run({
    id: 'turn-1',
    run: async ({ turn }) => {
      aborted = turn.signal.aborted;
      await turn.end({ status: 'interrupted' });
      return { status: 'interrupted' };
    },
  });
  t.equal(aborted, true);
});

t.test('a fault before the work: what was typed is kept, and the turn fails', async (t) => {
  const { thread, run, ended, told, history } = await scene(t, { provider: null });
  thread.runtime.work.waiting.push(typed('and this'));
  await run({ id: 'turn-1', input: typed('hello') });
  t.match(ended, [{ outcome: { status: 'failed', error: { message: 'Model provider `mock` not found' } } }]);
  t.match(JSON.stringify(await history()), /hello.*and this/);
  t.match(told('turn/completed').at(-1), { turn: { id: 'turn-1', status: 'failed' } });
});

t.test('a turn that cannot begin is reported to the clients that were promised it', async (t) => {
  const { thread, run, ended, told, logged } = await scene(t);
  thread.beginTurn = () => {
    throw new Error('no disk');
  };
  await run({ id: 'turn-1' });
  t.strictSame(ended, []);
  t.match(told('error'), [{ willRetry: false, turnId: 'turn-1', error: { message: 'no disk' } }]);
  t.match(told('turn/completed').at(-1), { turn: { id: 'turn-1', status: 'failed' } });
  t.match(logged, [/^a turn of thread .* failed/]);
  await run();
  t.equal(told('turn/completed').length, 2, 'nothing was promised');
});
