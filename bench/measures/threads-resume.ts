import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../clients/typescript/index.js';
import { packageRoot } from '../../server/package/package-root.js';
import type { Measure, Sampler } from '../measure.js';
import { descendants, memoryOfNew } from '../process-memory.js';
import { forgetIndexes, homeOf, makePlace, start, type Place, type Target } from '../targets.js';

/** A long thread of one day's work. */
const LONG = { turns: 3_000, megabytes: 60 };
const PAGE = { limit: 20, itemsView: 'full' } as const;
/** Milliseconds in which a program finishes its work after the first response. */
const SETTLE_MS = 500;

type Mode = 'paginated' | 'legacy';

/** With all turns in the response, as older clients request it. The programs have read the thread before. */
export const resumeWhole = resume({ name: 'threads-resume', title: 'thread/resume of 60 MB, all turns' });
export const resumeLegacy = resume({
  name: 'threads-resume-legacy',
  title: 'thread/resume of 60 MB (legacy), all turns',
  mode: 'legacy',
});
/** With the newest page of turns, as newer clients request it. */
export const resumePage = resume({
  name: 'threads-resume-page',
  title: 'thread/resume of 60 MB, the last 20 turns',
  page: true,
});
/** A file that was copied into the home: no program has read it before. */
export const resumeFirst = resume({
  name: 'threads-resume-first',
  title: 'thread/resume of 60 MB seen for the first time, 20 turns',
  page: true,
  first: true,
});
export const resumeMemory = resume({
  name: 'threads-resume-memory',
  title: 'most memory while 60 MB are resumed with all turns',
  memory: 'VmHWM',
});
export const resumeLegacyMemory = resume({
  name: 'threads-resume-legacy-memory',
  title: 'most memory while 60 MB (legacy) are resumed',
  mode: 'legacy',
  memory: 'VmHWM',
});
export const resumePageMemory = resume({
  name: 'threads-resume-page-memory',
  title: 'most memory while 60 MB are resumed with 20 turns',
  page: true,
  memory: 'VmHWM',
});

interface Options {
  readonly name: string;
  readonly title: string;
  readonly mode?: Mode;
  readonly page?: boolean;
  readonly first?: boolean;
  readonly memory?: 'VmHWM';
}

function resume({ name, title, mode = 'paginated', page = false, first = false, memory }: Options): Measure {
  return {
    name,
    title,
    unit: memory === undefined ? 'ms' : 'MiB',
    budget: { atMost: memory === undefined || mode === 'legacy' ? 0.5 : 0.6 },
    rounds: 5,
    warmUp: 1,
    prepare: async (target) => {
      const place = makePlace(target, 'plain');
      const threadId = await generate(place, { ...LONG, mode });
      const sample = async (client: Client, before: ReadonlySet<number>): Promise<number> => {
        const begin = performance.now();
        const { thread, initialTurnsPage } = await client.request('thread/resume', {
          threadId,
          ...(page ? { excludeTurns: true, initialTurnsPage: PAGE } : {}),
        });
        const ms = performance.now() - begin;
        const got = page ? initialTurnsPage?.data.length : thread.turns.length;
        if (got !== (page ? PAGE.limit : LONG.turns)) throw new Error(`${got} turns`);
        return memory === undefined ? ms : memoryOfNew(before, memory);
      };
      return sampler(target, place, { sample, first });
    },
  };
}

function sampler(
  target: Target,
  place: Place,
  { sample, first }: { sample(client: Client, before: ReadonlySet<number>): Promise<number>; readonly first: boolean },
): Sampler {
  return {
    sample: async () => {
      if (first) forgetIndexes(homeOf(place));
      const before = new Set(descendants(process.pid));
      const client = await start(target, place);
      await sleep(SETTLE_MS);
      try {
        return await sample(client, before);
      } finally {
        await client.close();
      }
    },
    close: () => Promise.resolve(place.remove()),
  };
}

/** The number of loaded threads, each with a short history, that makes the cost of one thread visible. */
const LOADED = { few: 20, many: 220 };

/** Resident memory of one more loaded thread, in MiB (docs: README.md, "Speed": at most 2 MB each). */
export const loadedThreads: Measure = {
  name: 'threads-loaded',
  title: 'memory of a loaded thread (of 200)',
  unit: 'MiB',
  budget: { atMost: 1 },
  rounds: 1,
  warmUp: 0,
  prepare: async (target) => {
    const place = makePlace(target, 'plain');
    const ids = await generateMany(place, { threads: LOADED.many, turns: 20, megabytes: 0.1, mode: 'paginated' });
    return {
      sample: async () => {
        const before = new Set(descendants(process.pid));
        const client = await start(target, place);
        const load = async (some: readonly string[]): Promise<number> => {
          for (const threadId of some) await client.request('thread/resume', { threadId, excludeTurns: true });
          await sleep(SETTLE_MS);
          return memoryOfNew(before, 'VmRSS');
        };
        const few = await load(ids.slice(0, LOADED.few));
        const many = await load(ids.slice(LOADED.few));
        await client.close();
        return (many - few) / (LOADED.many - LOADED.few);
      },
      close: () => Promise.resolve(place.remove()),
    };
  },
};

interface Generated {
  readonly threads?: number;
  readonly turns: number;
  readonly megabytes: number;
  readonly mode: Mode;
}

async function generateMany(place: Place, options: Generated): Promise<string[]> {
  const script = pathToFileURL(path.join(packageRoot(), 'scripts', 'generate-threads.mjs')).href;
  const { generateThreads } = (await import(script)) as {
    generateThreads(home: string, options: object): string[];
  };
  return generateThreads(homeOf(place), { ...options, provider: 'none', cwd: place.work });
}

async function generate(place: Place, options: Generated): Promise<string> {
  const [id] = await generateMany(place, options);
  if (id === undefined) throw new Error('no thread was made');
  return id;
}
