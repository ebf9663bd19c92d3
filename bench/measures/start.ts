import type { Measure } from '../measure.js';
import { makePlace, start } from '../targets.js';

/** From the start of the process to the response to `initialize`. */
export const startUp: Measure = {
  name: 'start',
  title: 'start → initialize answered',
  unit: 'ms',
  budget: { atMost: 0.6 },
  rounds: 15,
  warmUp: 2,
  prepare: (target) => {
    const place = makePlace(target, 'plain');
    return Promise.resolve({
      sample: async () => {
        const begin = performance.now();
        const client = await start(target, place);
        const ms = performance.now() - begin;
        await client.close();
        return ms;
      },
      close: () => Promise.resolve(place.remove()),
    });
  },
};
