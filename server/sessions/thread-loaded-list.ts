/** thread/loaded/list (spec/threads.md §4). */
import type { Handler } from '../rpc/caller.js';
import { invalidRequest } from '../rpc/errors.js';

const UUID = /^(?:urn:uuid:)?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/**
 * Pages through the ids of the loaded threads in order; a cursor is the last id of the page before, and any UUID will do.
 * A limit of 0 is one of 1.
 */
export function threadLoadedListHandler(loadedThreads: () => Iterable<string>): Handler<'thread/loaded/list'> {
  return ({ cursor, limit }) => {
    if (cursor !== null && !UUID.test(cursor)) throw invalidRequest(`invalid cursor: ${cursor}`);
    const after = cursor?.toLowerCase();
    const rest = [...loadedThreads()].sort().filter((id) => after === undefined || id > after);
    const data = limit === null ? rest : rest.slice(0, Math.max(1, limit));
    return { data, nextCursor: data.length < rest.length ? (data.at(-1) ?? null) : null };
  };
}
