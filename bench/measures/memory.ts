import { setTimeout as sleep } from 'node:timers/promises';
import type { Measure } from '../measure.js';
import { descendants, memoryOfNew } from '../process-memory.js';
import { makePlace, start } from '../targets.js';

/** Until what a program does right after its first answer is done. */
const SETTLE_MS = 700;

/** Resident memory of the program and every process that it started, a moment after `initialize` was answered. */
export const memory: Measure = {
  name: 'memory',
  title: 'resident memory after initialize',
  unit: 'MiB',
  budget: { atMost: 0.8 },
  rounds: 5,
  warmUp: 1,
  prepare: (target) => {
    const place = makePlace(target, 'plain');
    return Promise.resolve({
      sample: async () => {
        const before = new Set(descendants(process.pid));
        const client = await start(target, place);
        await sleep(SETTLE_MS);
        const mib = memoryOfNew(before, 'VmRSS');
        await client.close();
        return mib;
      },
      close: () => Promise.resolve(place.remove()),
    });
  },
};
