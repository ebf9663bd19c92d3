/**
 * What happens, as the lines of `--json` (docs/protocol/services.md §9). Items are numbered in the order in which they
 * show up.
 */
import type { ThreadItem } from '../../../schema/protocol/threads/item.js';
import type { NotificationParams } from '../../../schema/registry.js';
import { oneLine } from '../../system/node/json-text.js';
import type { ExecListener, TurnEnd } from './exec-listener.js';

/** `write` receives one line without its line end. */
export function jsonEvents(write: (line: string) => void): ExecListener {
  let count = 0;
  const numbers = new Map<string, string>();
  const numberOf = (id: string): string => {
    const known = numbers.get(id) ?? `item_${count++}`;
    numbers.set(id, known);
    return known;
  };
  const emit = (event: object): void => write(oneLine(JSON.stringify(event)));
  /** The plan of the turn while the model works on it. */
  let plan: { readonly id: string; readonly items: readonly object[] } | null = null;
  const planEvent = (type: string): void => {
    if (plan !== null) emit({ type, item: { id: plan.id, type: 'todo_list', items: plan.items } });
  };
  return {
    opened: ({ id }) => emit({ type: 'thread.started', thread_id: id }),
    turnStarted: () => emit({ type: 'turn.started' }),
    warning: (message) => emit({ type: 'item.completed', item: { id: `item_${count++}`, type: 'error', message } }),
    error: (message) => emit({ type: 'error', message }),
    itemStarted(item) {
      const shown = show(item);
      if (shown !== null && SHOWN_WHILE_THEY_RUN.has(item.type)) {
        emit({ type: 'item.started', item: { id: numberOf(item.id), ...shown } });
      }
    },
    itemCompleted(item) {
      const shown = show(item);
      if (shown !== null) emit({ type: 'item.completed', item: { id: numberOf(item.id), ...shown } });
    },
    plan({ plan: steps }) {
      const items = steps.map(({ step, status }) => ({ text: step, completed: status === 'completed' }));
      const first = plan === null;
      plan = { id: plan?.id ?? `item_${count++}`, items };
      planEvent(first ? 'item.started' : 'item.updated');
    },
    ended(end) {
      planEvent('item.completed');
      emit(turnEnd(end));
    },
  };
}

const SHOWN_WHILE_THEY_RUN: ReadonlySet<ThreadItem['type']> = new Set([
  'commandExecution',
  'fileChange',
  'mcpToolCall',
  'webSearch',
]);

function turnEnd({ error, usage }: TurnEnd): object {
  if (error !== null) return { type: 'turn.failed', error: { message: error } };
  return {
    type: 'turn.completed',
    usage: {
      input_tokens: usage?.inputTokens ?? 0,
      cached_input_tokens: usage?.cachedInputTokens ?? 0,
      cache_write_input_tokens: usage?.cacheWriteInputTokens ?? 0,
      output_tokens: usage?.outputTokens ?? 0,
      reasoning_output_tokens: usage?.reasoningOutputTokens ?? 0,
    },
  };
}

const snake = (word: string): string => word.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** An item without its number. Null: the item has no line. */
function show(item: NotificationParams<'item/completed'>['item']): Record<string, unknown> | null {
  switch (item.type) {
    case 'agentMessage':
      return { type: 'agent_message', text: item.text };
    case 'reasoning':
      return item.summary.length === 0 ? null : { type: 'reasoning', text: item.summary.join('\n') };
    case 'commandExecution':
      return {
        type: 'command_execution',
        command: item.command,
        aggregated_output: item.aggregatedOutput ?? '',
        exit_code: item.exitCode,
        status: snake(item.status),
      };
    case 'fileChange':
      return {
        type: 'file_change',
        changes: item.changes.map(({ path, kind }) => ({ path, kind: kind.type })),
        status: snake(item.status),
      };
    case 'mcpToolCall':
      return {
        type: 'mcp_tool_call',
        server: item.server,
        tool: item.tool,
        arguments: item.arguments,
        result: item.result,
        error: item.error,
        status: snake(item.status),
      };
    case 'webSearch':
      return { type: 'web_search', query: item.query };
    default:
      return null;
  }
}
