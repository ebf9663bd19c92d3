import type { LiveThreads } from '../../live/live-threads.js';
import type { ThreadId } from '../../store/records/thread-id.js';

/**
 * A loaded thread whose file somebody removed, replaced or cut off is unloaded: what is there now counts. Call it
 * within `exclusively`. Returns whether it was one.
 */
export async function unloadLost(threads: Pick<LiveThreads, 'get' | 'unload'>, id: ThreadId): Promise<boolean> {
  const lost = threads.get(id)?.writer?.lost ?? null;
  if (lost !== null) await threads.unload(id, { closed: true });
  return lost !== null;
}
