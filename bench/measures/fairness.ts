/** What another client notices while many subscribers of a thread receive a fast answer of its model. */
import { connectWebSocket } from '../../clients/typescript/index.js';
import { helper } from '../helper.js';
import type { Measure } from '../measure.js';
import { said, startModel } from '../model.js';
import { serve } from '../serve.js';
import { makePlace, useModel, type Target } from '../targets.js';

const DELTAS = 20_000;
const SHORT_REPLY = said(['A short reply.']);
const LONG_REPLY = said(Array.from({ length: DELTAS }, (_, n) => `word${n % 10} `));
const LONG_QUESTION = 'at length';
const SUBSCRIBERS = { listening: 45, silent: 5 };
/** Of the bystander's waiting times this part is left out: the longest one in a hundred. */
const QUANTILE = 0.99;

export interface Burst {
  /** From `turn/start` to `turn/completed` of a client that listens, in milliseconds. */
  readonly turnMs: number;
  /** The bystander's waiting times in that time, ascending, in milliseconds. */
  readonly waits: readonly number[];
}

export interface Audience {
  readonly listening: number;
  /** Clients that subscribe and then read nothing. */
  readonly silent: number;
}

/** The 99th percentile of another client's waiting time. */
export const fairness: Measure = {
  name: 'fairness',
  title: `p99 beside ${DELTAS} deltas × ${SUBSCRIBERS.listening} subscribers`,
  unit: 'ms',
  budget: { atMost: 1 },
  rounds: 3,
  warmUp: 0,
  prepare: (target) => bursts(target, ({ waits }) => quantile(waits, QUANTILE)),
};

/** The duration of that turn. */
export const fairTurn: Measure = {
  name: 'fairness-turn',
  title: `${DELTAS} deltas told to ${SUBSCRIBERS.listening} subscribers`,
  unit: 'ms',
  budget: { atMost: 0.5 },
  rounds: 3,
  warmUp: 0,
  prepare: (target) => bursts(target, ({ turnMs }) => turnMs),
};

function bursts(target: Target, value: (burst: Burst) => number) {
  return Promise.resolve({
    sample: async () => value(await burst(target, SUBSCRIBERS)),
    close: () => Promise.resolve(),
  });
}

/** One answer of the model in many deltas, with a fresh program, these subscribers and one bystander. */
export async function burst(target: Target, { listening, silent }: Audience): Promise<Burst> {
  const place = makePlace(target, 'plain');
  const model = await startModel((last) => (last.includes(LONG_QUESTION) ? LONG_REPLY : SHORT_REPLY));
  useModel(place, model.url);
  const served = await serve(target, place);
  try {
    const client = await connectWebSocket(served.url, { requestTimeoutMs: 120_000 });
    const { thread } = await client.request('thread/start', {});
    const turn = async (text: string): Promise<string> => {
      const ended = new Promise<string>((resolve) => {
        const off = client.onNotification('turn/completed', ({ turn: { status } }) => {
          off();
          resolve(status);
        });
      });
      await client.request('turn/start', { threadId: thread.id, input: [{ type: 'text', text }] });
      return ended;
    };
    await turn('hello'); // A thread can be joined once it has a message.
    const audience = helper('subscribers.js', [served.url, thread.id, String(listening), String(silent)]);
    await audience.line('ready');
    const bystander = helper('bystander.js', [served.url]);
    await bystander.line('ready');
    const begin = performance.now();
    const status = await turn(LONG_QUESTION);
    const counts = JSON.parse(await audience.line()) as number[];
    const turnMs = performance.now() - begin;
    bystander.end();
    const waits = JSON.parse(await bystander.line()) as number[];
    await Promise.all([audience.over(), bystander.over()]);
    await client.close();
    if (status !== 'completed') throw new Error(`${target.name}: the turn is ${status}`);
    if (counts.length !== listening || counts.some((count) => count !== DELTAS))
      throw new Error(`${target.name}: subscribers received ${[...new Set(counts)].join(', ')} of ${DELTAS} deltas`);
    return { turnMs, waits: waits.sort((a, b) => a - b) };
  } finally {
    await served.close();
    await model.close();
    place.remove();
  }
}

/** The value below which this part of the ascending values lies. */
export function quantile(ascending: readonly number[], part: number): number {
  const value = ascending[Math.min(Math.floor(ascending.length * part), ascending.length - 1)];
  if (value === undefined) throw new Error('no samples');
  return value;
}
