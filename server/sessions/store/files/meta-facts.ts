/**
 * What the first record of a file says of it, kept: a meta never changes, and no two threads share a file name. For the
 * questions that no name answers: which file holds a thread whose id differs from the name's, and who goes on from a
 * file.
 */
import type { ThreadId } from '../records/thread-id.js';
import { loadUnpacker, readFileHead } from './rollout-head.js';
import { COMPRESSED } from './rollout-name.js';

export interface MetaFacts {
  readonly id: ThreadId;
  /** The file that its history begins in; null for one of its own. */
  readonly baseId: string | null;
}

/** Null for a file that is gone or cannot be read: it is nobody's and goes on from nothing. */
export type MetaFactsOf = (stored: string) => Promise<MetaFacts | null>;

/** Files read between two pauses, so that ten thousand of them do not hold up everything else. */
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
    // What cannot be read yet may be readable later: a file that is being copied here.
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
