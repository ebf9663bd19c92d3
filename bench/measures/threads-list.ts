import { writeThreads } from '../load/threads.js';
import { timed, type Measure } from '../measure.js';
import { forgetIndexes, homeOf, makePlace, start, type Place, type Target } from '../targets.js';

/** Stored threads. */
const COUNT = 10_000;
/** Threads on a page. */
const PAGE = 50;

/** From the start of the process, with only rollouts in the home, to the first page of threads. */
export const threadsListCold: Measure = {
  name: 'threads-list-cold',
  title: `start → first thread/list of ${COUNT} threads, no index`,
  unit: 'ms',
  budget: { atMost: 0.5 },
  rounds: 3,
  warmUp: 1,
  prepare: (target) => {
    const place = placeWithThreads(target);
    return Promise.resolve({
      sample: async () => {
        forgetIndexes(homeOf(place));
        const begin = performance.now();
        const client = await start(target, place);
        await firstPage(client);
        const ms = performance.now() - begin;
        await client.close();
        return ms;
      },
      close: () => Promise.resolve(place.remove()),
    });
  },
};

/** A page of threads in a program that has listed them before. */
export const threadsList: Measure = {
  name: 'threads-list',
  title: `thread/list, ${PAGE} of ${COUNT} threads`,
  unit: 'ms',
  budget: { atMost: 0.3 },
  rounds: 40,
  warmUp: 5,
  prepare: async (target) => {
    const place = placeWithThreads(target);
    const client = await start(target, place);
    await firstPage(client);
    return {
      sample: () => timed(() => firstPage(client)),
      close: async () => {
        await client.close();
        place.remove();
      },
    };
  },
};

function placeWithThreads(target: Target): Place {
  const place = makePlace(target, 'plain');
  writeThreads(homeOf(place), { count: COUNT, provider: 'none' });
  return place;
}

async function firstPage(client: Awaited<ReturnType<typeof start>>): Promise<void> {
  const { data } = await client.request('thread/list', { limit: PAGE });
  if (data.length !== PAGE) throw new Error(`a page of ${data.length} threads instead of ${PAGE}`);
}
