/** The searches that the endpoint made for one response (docs/protocol/turns.md §2). */
import type { ThreadItem } from '../../../../schema/protocol/threads/item.js';
import type { HistoryItemOf } from '../../store/records/history-item.js';
import { searchedFor, webAction } from '../../store/records/web-action.js';
import { givenId, responseRecord, unusedId, type ResponseContext } from './response-context.js';

export interface ResponseSearches {
  begin(history: SearchCall): void;
  done(history: SearchCall): void;
  /** Completes the open searches as far as they arrived, for people only. */
  completeOpen(): void;
}

type SearchCall = HistoryItemOf<'web_search_call'>;
type WebSearch = Extract<ThreadItem, { type: 'webSearch' }>;

export function createResponseSearches(context: ResponseContext): ResponseSearches {
  const { turn } = context;
  /** By the id that the server gave. */
  const searches = new Map<string, WebSearch>();

  const open = (history: SearchCall, given: string): WebSearch => {
    const search = webSearch(history, unusedId(context, given, 'ws'));
    searches.set(given, search);
    turn.itemStarted(search);
    return search;
  };

  return {
    begin: (history) => void open(history, givenId(history, 'ws')),
    done(history) {
      const given = givenId(history, 'ws');
      const { id } = searches.get(given) ?? open(history, given);
      searches.delete(given);
      turn.itemCompleted(webSearch(history, id), [responseRecord({ ...history, id })]);
    },
    completeOpen() {
      for (const search of searches.values()) turn.itemCompleted(search);
      searches.clear();
    },
  };
}

function webSearch(history: SearchCall, id: string): WebSearch {
  const action = webAction(history.action) ?? { type: 'other' };
  return { type: 'webSearch', id, query: searchedFor(action), action, results: null };
}
