/** The thread that a request names, for methods that need a loaded thread. */
import { invalidRequest } from '../../errors/rpc-error.js';
import type { LiveThread } from './live-thread.js';
import type { LiveThreads } from './live-threads.js';
import { parseThreadId } from '../store/records/thread-id.js';

/**
 * Throws RpcError with the texts of these methods (docs/protocol/threads.md §1): `invalid thread id: …`, `thread not
 * found: ID`.
 */
export function liveThreadOf(threads: Pick<LiveThreads, 'get'>, threadId: string): LiveThread {
  const id = canonicalId(threadId);
  const thread = threads.get(id);
  if (!thread) throw invalidRequest(`thread not found: ${id}`);
  return thread;
}

/** Throws RpcError (`invalid thread id: …`). */
export function canonicalId(threadId: string): string {
  const parsed = parseThreadId(threadId);
  if ('problem' in parsed) throw invalidRequest(`invalid thread id: ${parsed.problem}`);
  return parsed.id;
}
