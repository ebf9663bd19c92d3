/** thread/turns/list (docs/protocol/threads.md §5). */
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import { turnsPage } from '../../store/history/history-pages.js';
import { withPast, withRunning, type PastOptions } from './thread-past.js';

export function threadTurnsListHandler(options: PastOptions): Handler<'thread/turns/list'> {
  return ({ threadId, ...request }) =>
    withPast(
      options,
      threadId,
      (id, live) => {
        if (live === null) return invalidRequest(`thread not loaded: ${id}`);
        if (live.ephemeral) return invalidRequest('ephemeral threads do not support thread/turns/list');
        return invalidRequest(
          `thread ${id} is not materialized yet; thread/turns/list is unavailable before first user message`,
        );
      },
      async ({ id, history }) => {
        const page = await turnsPage(id, history, request);
        return { ...page, data: withRunning(options.threads, id, page.data) };
      },
    );
}
