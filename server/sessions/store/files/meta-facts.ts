/**
 * Facts from the first record of a file. They stay in memory: a meta never changes, and no two threads share a file
 * name. They answer what file names cannot: which file holds a thread whose id differs from the file's name, and which
 * threads continue a file.
 */
import type { ThreadId } from '../records/thread-id.js';
import { loadUnpacker, readFileHead } from './rollout-head.js';
import { COMPRESSED } from './rollout-name.js';

export interface MetaFacts {
  readonly id: ThreadId;
  /** The file in which the history begins; null: it begins in this file. */
  readonly baseId: string | null;
}

/** Returns null if the file is missing or unreadable: then it belongs to no thread and continues no file. */
export type MetaFactsOf = (stored: string) => Promise<MetaFacts | null>;

/** Files read between two pauses, so that reading ten thousand of them does not block other work. */
const BETWEEN_PAUSES = 100;

export function createMetaFacts(): MetaFactsOf {
  const known = new Map<string, MetaFacts | null>();
  let read = 0;
  return async (stored) => {
    const cached = known.get(stored);
    if (cached !== undefined) return cached;
    if (++read % BETWEEN_PAUSES === 0) await new Promise(setImmediate);
    if (stored.endsWith(COMPRESSED)) await loadUnpacker();
    const facts = readFacts(stored);
    // A file that cannot be read now may be readable later, for example after a copy is complete.
    if (facts !== null) known.set(stored, facts);
    return facts;
  };
}

function readFacts(stored: string): MetaFacts | null {
  try {
    const { meta } = readFileHead(stored, { metaOnly: true });
    return { id: meta.id, baseId: meta.history_base?.thread_id.toLowerCase() ?? null };
  } catch {
    return null;
  }
}
