/**
 * thread/inject_items (docs/protocol/threads.md §10): items for the model's history that no client sees. All of them,
 * or none.
 */
import { decodeRequest } from '../../../rpc/wire/decode.js';
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import type { LiveThreads } from '../../live/live-threads.js';
import { isKnown } from '../../store/records/model-history.js';
import type { NewRecord, RecordPayload } from '../../store/records/rollout-record.js';
import { newId } from '../../store/records/thread-id.js';
import { liveThreadOf } from '../../live/live-thread-of.js';

export function threadInjectItemsHandler(threads: Pick<LiveThreads, 'get'>): Handler<'thread/inject_items'> {
  return ({ threadId, items }) => {
    const thread = liveThreadOf(threads, threadId);
    if (!items.length) throw invalidRequest('items must not be empty');
    items.forEach((item, at) => {
      const problem = problemWith(item);
      if (problem !== null) throw invalidRequest(`items[${at}] is not a valid response item: ${problem}`);
    });
    // Types that nobody knows are accepted, and dropped.
    const known = (items as RecordPayload[]).filter(isKnown);
    thread.record(known.map(recordOf));
    return {};
  };
}

/** What is wrong with an item, as the protocol's decoder words it; null when nothing is. */
function problemWith(item: unknown): string | null {
  // The history of thread/resume is a list of the same items: the one place where their types are compiled. Decoding
  // fills in defaults, hence the copy.
  const outcome = decodeRequest('thread/resume', { threadId: '', history: [structuredClone(item)] });
  if (outcome.ok) return null;
  // As the protocol's decoder calls what is no object at all (0.171).
  return outcome.message.replace(
    /^(invalid type: .*, expected )internally tagged enum ResponseItem$/,
    '$1struct WrappedItem',
  );
}

/** Every item of the history has an id (docs/protocol/turns.md §3). */
function recordOf(item: RecordPayload): NewRecord {
  const type = String(item.type);
  const payload =
    item.id === undefined || item.id === null ? { ...item, id: `${ID_PREFIXES[type] ?? 'item'}_${newId()}` } : item;
  return { type: 'response_item', payload };
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
