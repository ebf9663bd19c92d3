/** thread/loaded/list (docs/protocol/threads.md §4). */
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import type { LiveThreads } from '../../live/live-threads.js';
import { parseThreadId } from '../../store/records/thread-id.js';

/**
 * Pages through the ids of the loaded threads in order; a cursor is the last id of the page before, and any UUID will
 * do. A limit of 0 is one of 1.
 */
export function threadLoadedListHandler(threads: Pick<LiveThreads, 'ids'>): Handler<'thread/loaded/list'> {
  return ({ cursor, limit }) => {
    const after = cursor === null ? null : afterCursor(cursor);
    const rest = [...threads.ids()].sort().filter((id) => after === null || id > after);
    const data = limit === null ? rest : rest.slice(0, Math.max(1, limit));
    return { data, nextCursor: data.length < rest.length ? (data.at(-1) ?? null) : null };
  };
}

function afterCursor(cursor: string): string {
  const parsed = parseThreadId(cursor);
  if ('problem' in parsed) throw invalidRequest(`invalid cursor: ${cursor}`);
  return parsed.id;
}
