/** thread/timeline/list: the newest page first, each page in order of time (docs/protocol/threads.md §5). */
import { isCode } from '../../../errors/codexd-error.js';
import type { ThreadTimelineEntry } from '../../../../schema/protocol/threads/thread-history.js';
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import { pageSize, parseCursor } from '../../store/history/history-pages.js';
import type { ThreadId } from '../../store/records/thread-id.js';
import { notPaginated, requirePaginated, withPast, type PastOptions } from './thread-past.js';

const METHOD = 'thread/timeline/list';

export function threadTimelineListHandler(options: PastOptions): Handler<'thread/timeline/list'> {
  return ({ threadId, cursor, limit }) =>
    withPast(
      options,
      threadId,
      () => notPaginated(METHOD),
      async ({ id, history }) => {
        requirePaginated(history, METHOD);
        const before = cursor === null ? null : readCursor(id, cursor);
        const size = pageSize(limit);
        const page: ThreadTimelineEntry[] = [];
        let more = false;
        const from = before === null ? {} : { from: before.position };
        for await (const entry of history.timeline({ backwards: true, ...from })) {
          if (before !== null && compare(keyOf(entry), before) >= 0) continue;
          if (page.length === size) {
            more = true;
            break;
          }
          page.push(entry);
        }
        page.reverse();
        const [oldest] = page;
        return {
          data: page,
          nextCursor: more && oldest !== undefined ? JSON.stringify({ threadId: id, ...keyOf(oldest) }) : null,
          activeRealtimeSessionAtPageStart: null,
        };
      },
    );
}

/** The place of an entry: by position, and within one position by kind. */
interface Key {
  readonly position: number;
  readonly kind: number;
  readonly id: string;
}

const KINDS: Readonly<Record<ThreadTimelineEntry['type'], number>> = {
  turnStarted: 0,
  item: 1,
  realtime: 2,
  turnCompleted: 3,
};

function keyOf(entry: ThreadTimelineEntry): Key {
  const { position, type } = entry;
  const id = type === 'item' || type === 'realtime' ? entry.item.id : entry.turnId;
  return { position, kind: KINDS[type], id };
}

const compare = (a: Key, b: Key): number =>
  a.position - b.position || a.kind - b.kind || (a.id < b.id ? -1 : Number(a.id > b.id));

function readCursor(threadId: ThreadId, cursor: string): Key {
  const { threadId: owner, position, kind, id } = membersOf(cursor);
  if (typeof position !== 'number' || typeof kind !== 'number' || typeof id !== 'string')
    throw invalidRequest('invalid thread timeline cursor');
  if (owner !== threadId) throw invalidRequest('thread timeline cursor belongs to another thread');
  return { position, kind, id };
}

function membersOf(cursor: string): Readonly<Record<string, unknown>> {
  try {
    return parseCursor(cursor);
  } catch (error) {
    if (isCode(error, 'page.cursor')) throw invalidRequest('invalid thread timeline cursor');
    throw error;
  }
}
