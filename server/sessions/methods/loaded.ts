/**
 * Methods for loaded threads: thread/loaded/list (docs/protocol/threads.md §4), thread/unsubscribe (§8),
 * thread/settings/update (§9) and thread/inject_items (§10).
 */
import type { ConfigService } from '../../config/settings/config-service.js';
import type { LiveThread } from '../live/live-thread.js';
import type { LiveThreads } from '../live/live-threads.js';
import { invalidRequest } from '../../errors/rpc-error.js';
import { newId, parseThreadId } from '../store/records/thread-id.js';
import { canonicalId, liveThreadOf } from '../live/live-thread-of.js';
import { changedThreadState } from '../state/build-thread-state.js';
import { retention } from '../store/records/model-history.js';
import { injectedItems, type InjectedItem } from './history/injected-items.js';
import type { NewRecord } from '../store/records/rollout-record.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';

export interface LoadedDeps {
  readonly threads: Pick<LiveThreads, 'get' | 'ids' | 'exclusively'>;
  readonly source: ConfigService;
  /** What the model has to know before anything else; empty if it knows it. */
  readonly firstContext: (thread: LiveThread) => Promise<readonly NewRecord[]>;
}

export const loadedMethods = defineMethods(({ threads, source, firstContext }: LoadedDeps) => ({
  /**
   * Pages through the ids of the loaded threads in order. A cursor is the last id of the page before; any UUID is
   * valid. A limit of 0 counts as 1.
   */
  'thread/loaded/list': ({ cursor, limit }) => {
    const after = cursor === null ? null : afterCursor(cursor);
    const rest = [...threads.ids()].sort().filter((id) => after === null || id > after);
    const data = limit === null ? rest : rest.slice(0, Math.max(1, limit));
    return { data, nextCursor: data.length < rest.length ? (data.at(-1) ?? null) : null };
  },
  /** The thread stays loaded, and its turn continues. */
  'thread/unsubscribe': ({ threadId }, caller) => {
    const thread = threads.get(canonicalId(threadId));
    if (!thread) return { status: 'notLoaded' };
    return { status: thread.events.unsubscribe(caller) ? 'unsubscribed' : 'notSubscribed' };
  },
  /**
   * For later turns; the settings are on disk before the answer. Order: the answer, then `thread/settings/updated` to
   * the subscribers if anything differs.
   */
  'thread/settings/update': ({ threadId, ...wishes }, _caller, context) => {
    const live = liveThreadOf(threads, threadId);
    const { state } = changedThreadState(source, live.state, wishes);
    live.applySettings(state, (tell) => context.afterAnswer(tell));
    return {};
  },
  /**
   * Adds items to the model's history that no client sees: all of them or none. They come behind the thread's first
   * context, and behind the outputs of calls that run.
   */
  'thread/inject_items': ({ threadId, items }) => {
    const thread = liveThreadOf(threads, threadId);
    if (!items.length) throw invalidRequest('items must not be empty');
    const injected = injectedItems(items);
    return threads.exclusively(thread.id, async () => {
      thread.record([...(await firstContext(thread)), ...injected.map(recordOf)]);
      return {};
    });
  },
}));

function afterCursor(cursor: string): string {
  const parsed = parseThreadId(cursor);
  if ('problem' in parsed) throw invalidRequest(`invalid cursor: ${cursor}`);
  return parsed.id;
}

/** Every item of the history has an id (docs/protocol/turns.md §3). */
function recordOf({ item, stays }: InjectedItem): NewRecord {
  const payload =
    item.id === undefined || item.id === null
      ? { ...item, id: `${ID_PREFIXES[item.type] ?? 'item'}_${newId()}` }
      : item;
  return { type: 'response_item', payload, ...(stays === null ? {} : { metadata: retention(stays) }) };
}

const ID_PREFIXES: Readonly<Record<string, string>> = {
  message: 'msg',
  agent_message: 'amsg',
  reasoning: 'rs',
  local_shell_call: 'lsh',
  function_call: 'fc',
  function_call_output: 'fco',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
  tool_search_call: 'tsc',
  tool_search_output: 'tso',
  web_search_call: 'ws',
  image_generation_call: 'ig',
  compaction: 'cmp',
  context_compaction: 'cmp',
};
