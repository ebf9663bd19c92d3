import { setTimeout as sleep } from 'node:timers/promises';
import type { Measure } from '../measure.js';
import { descendants, memoryOfNew } from '../process-memory.js';
import { makePlace, start } from '../targets.js';

/** Milliseconds in which a program finishes its work after the first response. */
const SETTLE_MS = 700;

/** Resident memory of the program and all its processes, a moment after the response to `initialize`. */
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
