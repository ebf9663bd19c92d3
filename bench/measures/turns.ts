import type { Measure } from '../measure.js';
import { commands, said, startModel } from '../model.js';
import { makePlace, start, useModel, type Target } from '../targets.js';

const REPLY = said(['A short reply.']);
const DELTAS = 20_000;
const LONG_REPLY = said(Array.from({ length: DELTAS }, (_, n) => `word${n % 10} `));
const COMMANDS = 10;
const CALLS = commands(Array.from({ length: COMMANDS }, (_, n) => `echo ${n}`));

/** From `turn/start` to `turn/completed`, for a turn with one short, immediate message of the model. */
export const turn: Measure = {
  name: 'turn',
  title: 'a turn with one short reply',
  unit: 'ms',
  budget: { atMost: 0.3 },
  rounds: 30,
  warmUp: 5,
  prepare: (target) => turns(target, REPLY, (ms) => ms),
};

/** Deltas of one message, until the end of the turn. */
export const deltas: Measure = {
  name: 'deltas',
  title: `an answer in ${DELTAS} text deltas`,
  unit: 'deltas/s',
  budget: { atLeast: 3 },
  rounds: 5,
  warmUp: 1,
  prepare: (target) => turns(target, LONG_REPLY, (ms) => DELTAS / (ms / 1000), DELTAS),
};

/** Sandboxed commands in one response of the model: the time of the turn divided by their number. */
export const turnCommands: Measure = {
  name: 'turn-commands',
  title: `a command of a turn (of ${COMMANDS})`,
  unit: 'ms',
  budget: { atMost: 0.3 },
  rounds: 10,
  warmUp: 2,
  prepare: (target) => turns(target, CALLS, (ms) => ms / COMMANDS, 0, COMMANDS),
};

/** Each sample has its own thread, so that an earlier turn does not slow down the next. */
async function turns(
  target: Target,
  answer: readonly object[],
  value: (ms: number) => number,
  wantedDeltas = 0,
  wantedCommands = 0,
) {
  const place = makePlace(target, 'plain');
  const model = await startModel((last) => (last.includes('_call_output') ? REPLY : answer));
  useModel(place, model.url);
  const client = await start(target, place);
  let heard = 0;
  let ran = 0;
  client.onNotification('item/agentMessage/delta', () => void heard++);
  client.onNotification('item/completed', ({ item }) => {
    if (item.type === 'commandExecution' && item.exitCode === 0) ran++;
  });
  return {
    sample: async () => {
      [heard, ran] = [0, 0];
      const { thread } = await client.request('thread/start', {});
      const ended = new Promise<string>((resolve) => {
        const off = client.onNotification('turn/completed', ({ turn }) => {
          off();
          resolve(turn.status);
        });
      });
      const begin = performance.now();
      await client.request('turn/start', { threadId: thread.id, input: [{ type: 'text', text: 'go on' }] });
      const status = await ended;
      const ms = performance.now() - begin;
      if (status !== 'completed' || heard < wantedDeltas || ran !== wantedCommands)
        throw new Error(`${target.name}: ${status}, ${heard} deltas, ${ran} commands`);
      return value(ms);
    },
    close: async () => {
      await client.close();
      await model.close();
      place.remove();
    },
  };
}
