/** thread/searchOccurrences: finds a text in the messages of one thread (docs/protocol/threads.md §5). */
import type { ThreadItem } from '../../../../schema/protocol/threads/item.js';
import type { RequestResult } from '../../../../schema/registry.js';
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import { parseCursor, turnCursor, cursorError } from '../../store/history/history-pages.js';
import { occurrences } from '../../store/history/occurrences.js';
import type { ThreadHistory } from '../../store/records/thread-store.js';
import type { ThreadId } from '../../store/records/thread-id.js';
import { notPaginated, requirePaginated, withPast, type PastOptions } from './thread-past.js';

const METHOD = 'thread/searchOccurrences';
/** Differs from the other lists of a thread. */
const DEFAULT_PAGE = 50;
const MAX_PAGE = 1000;

type Occurrence = RequestResult<'thread/searchOccurrences'>['data'][number];

export function threadSearchOccurrencesHandler(options: PastOptions): Handler<'thread/searchOccurrences'> {
  return ({ threadId, searchTerm, cursor, limit }) => {
    if (searchTerm.trim() === '') throw invalidRequest(`${METHOD} requires a non-empty searchTerm`);
    const size = Math.min(MAX_PAGE, Math.max(1, limit ?? DEFAULT_PAGE));
    return withPast(
      options,
      threadId,
      () => notPaginated(METHOD),
      async ({ id, history }) => {
        requirePaginated(history, METHOD);
        const start = cursor === null ? { ordinal: -1, index: 0 } : readCursor(id, searchTerm, cursor);
        const data: Occurrence[] = [];
        const items = history.items({ messagesOnly: true, ...(cursor === null ? {} : { from: start.ordinal }) });
        for await (const { turnId, item, position } of items) {
          if (position < start.ordinal) continue;
          const found = occurrences(spokenText(item), searchTerm);
          for (const [index, { snippet, range }] of found.entries()) {
            if (position === start.ordinal && index < start.index) continue;
            if (data.length === size)
              return { data, nextCursor: writeCursor(id, searchTerm, { ordinal: position, index }) };
            data.push({
              turnId,
              itemId: item.id,
              snippet,
              snippetMatchRange: range,
              turnCursor: cursorOfTurn(id, history, turnId),
            });
          }
        }
        return { data, nextCursor: null };
      },
    );
  };
}

function cursorOfTurn(id: ThreadId, history: ThreadHistory, turnId: string): string {
  return turnCursor(id, history, Math.max(0, history.indexOfTurn(turnId)), true);
}

function spokenText(item: ThreadItem): string {
  if (item.type === 'agentMessage') return item.text;
  if (item.type !== 'userMessage') return '';
  return item.content.map((part) => (part.type === 'text' ? part.text.trim() : '')).join('');
}

interface Place {
  readonly ordinal: number;
  readonly index: number;
}

const writeCursor = (threadId: ThreadId, searchTerm: string, { ordinal, index }: Place): string =>
  JSON.stringify({ threadId, searchTerm, nextRolloutOrdinal: ordinal, nextOccurrenceIndex: index });

function readCursor(threadId: ThreadId, searchTerm: string, cursor: string): Place {
  const { threadId: owner, searchTerm: term, nextRolloutOrdinal, nextOccurrenceIndex } = parseCursor(cursor);
  const fits =
    owner === threadId &&
    term === searchTerm &&
    typeof nextRolloutOrdinal === 'number' &&
    typeof nextOccurrenceIndex === 'number';
  if (!fits) throw cursorError(cursor);
  return { ordinal: nextRolloutOrdinal, index: nextOccurrenceIndex };
}
