/** thread/backgroundTerminals/list, /terminate and /clean (docs/protocol/turns.md §4). */
import type { Handler, HandlerTable } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import type { LiveThreads } from '../../live/live-threads.js';
import { liveThreadOf } from '../../live/live-thread-of.js';

type Methods =
  'thread/backgroundTerminals/list' | 'thread/backgroundTerminals/terminate' | 'thread/backgroundTerminals/clean';

export function backgroundTerminalHandlers(threads: Pick<LiveThreads, 'get'>): Required<Pick<HandlerTable, Methods>> {
  const list: Handler<'thread/backgroundTerminals/list'> = ({ threadId, cursor, limit }) => {
    const { terminals } = liveThreadOf(threads, threadId);
    const from = cursor === null ? 0 : wholeNumber(cursor, 'invalid cursor');
    const all = terminals.list();
    const to = limit === null ? all.length : from + Math.max(1, limit);
    return {
      data: all.slice(from, to).map(({ itemId, processId, command, cwd, osPid }) => ({
        itemId,
        processId,
        command,
        cwd,
        osPid,
        cpuPercent: null,
        rssKb: null,
      })),
      nextCursor: to < all.length ? String(to) : null,
    };
  };
  return {
    'thread/backgroundTerminals/list': list,
    'thread/backgroundTerminals/terminate': ({ threadId, processId }) => {
      wholeNumber(processId, 'invalid background terminal process id');
      return { terminated: liveThreadOf(threads, threadId).terminals.terminate(processId) };
    },
    'thread/backgroundTerminals/clean': ({ threadId }) => {
      liveThreadOf(threads, threadId).terminals.terminateAll();
      return {};
    },
  };
}

/** Throws RpcError with the decoder's words behind `what`. */
function wholeNumber(text: string, what: string): number {
  if (text === '') throw invalidRequest(`${what}: cannot parse integer from empty string`);
  if (!/^\+?\d+$/.test(text)) throw invalidRequest(`${what}: invalid digit found in string`);
  const value = Number(text);
  if (value > 0x7fffffff) throw invalidRequest(`${what}: number too large to fit in target type`);
  return value;
}
