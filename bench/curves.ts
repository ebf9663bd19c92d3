/**
 * npm run bench -- curves: how the cost grows with the load, for codexd alone. Each row has the time of the whole work
 * at each load, and the time of one unit at the highest load divided by that at the lowest. More than 1: the cost grows
 * faster than the work.
 */
import type { WebSocket } from 'ws';
import { median, timed } from './measure.js';
import { connectAll } from './measures/connections.js';
import { burst } from './measures/fairness.js';
import { serve } from './serve.js';
import { makePlace, startAt, type Target } from './targets.js';

interface Curve {
  readonly title: string;
  readonly loads: readonly number[];
  readonly rounds: number;
  /** Milliseconds of the whole work at this load. */
  cost(target: Target, load: number): Promise<number>;
}

const CURVES: readonly Curve[] = [
  {
    title: 'clients that connect at once',
    loads: [10, 50, 200],
    rounds: 5,
    cost: async (target, load) => {
      const place = makePlace(target, 'plain');
      const served = await serve(target, place);
      const sockets: WebSocket[] = [];
      try {
        await connectAll(served.url, 10, sockets); // What the first clients load is not counted.
        return await timed(() => connectAll(served.url, load, sockets));
      } finally {
        for (const socket of sockets) socket.terminate();
        await served.close();
        place.remove();
      }
    },
  },
  {
    title: 'subscribers of 20000 deltas',
    loads: [5, 15, 45],
    rounds: 3,
    cost: async (target, load) => (await burst(target, { listening: load, silent: 0 })).turnMs,
  },
  {
    title: 'sandboxed commands at once',
    loads: [4, 16, 64],
    rounds: 5,
    cost: async (target, load) => {
      const { client, close } = await startAt(target, 'plain');
      const run = (): Promise<unknown> => client.request('command/exec', { command: ['true'], timeoutMs: 60_000 });
      try {
        for (let n = 0; n < 5; n++) await run();
        return await timed(() => Promise.all(Array.from({ length: load }, run)));
      } finally {
        await close();
      }
    },
  },
];

/** Prints a row for each curve. Loads take turns, so that other work of the machine affects all of them. */
export async function printCurves(target: Target): Promise<void> {
  console.log(`${'medians, in ms'.padEnd(32)}${'a unit: highest ÷ lowest load'.padStart(34)}`);
  for (const { title, loads, rounds, cost } of CURVES) {
    const samples = new Map<number, number[]>(loads.map((load) => [load, []]));
    for (let round = 0; round < rounds; round++)
      for (const load of loads) samples.get(load)?.push(await cost(target, load));
    const costs = [...samples].map(([load, values]) => ({ load, ms: median(values) }));
    const [lowest, highest] = [costs[0], costs.at(-1)];
    if (lowest === undefined || highest === undefined) throw new Error(`${title} has no loads`);
    const growth = highest.ms / highest.load / (lowest.ms / lowest.load);
    const cells = costs.map(({ load, ms }) => `${load}: ${ms.toFixed(0)}`).join('   ');
    console.log(`${title.padEnd(32)}${cells.padEnd(34)}${growth.toFixed(2)}×`);
  }
}
