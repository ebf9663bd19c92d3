/**
 * Converts one response of the model to items of the turn. Clients receive them as they grow; complete items are on
 * disk (docs/protocol/turns.md §2). Calls of the model are passed to `call`.
 */
import type { HistoryItem, ModelEvent } from '../../model/provider/model-provider.js';
import { isKnownItem } from '../../store/records/history-item.js';
import { createResponseCalls, type ResponseCallsOptions } from './response-calls.js';
import { responseRecord, type ResponseContext } from './response-context.js';
import { createResponseMessages } from './response-messages.js';
import { createResponseSearches } from './response-searches.js';
import { createResponseThoughts } from './response-thoughts.js';

export interface ResponseItemsOptions extends ResponseContext, ResponseCallsOptions {
  readonly planMode: boolean;
  /** An item of an unknown type: it is stored in the thread's file, and no request contains it. */
  readonly unknown: (type: string) => void;
}

export interface ResponseItems {
  take(event: Exclude<ModelEvent, { type: 'completed' | 'notice' }>): void;
  /** A new message of the person stopped the response: a message that was sent in part stays as it is. */
  cutOff(): void;
  /** The response broke off. Its open items are completed as far as they arrived, for people only. */
  brokenOff(): void;
}

export function createResponseItems(options: ResponseItemsOptions): ResponseItems {
  const { thread, unknown } = options;
  const messages = createResponseMessages(options, options.planMode);
  const thoughts = createResponseThoughts(options);
  const searches = createResponseSearches(options);
  const calls = createResponseCalls(options, options);

  const begin = (item: HistoryItem): void => {
    if (!isKnownItem(item)) return;
    if (item.type === 'message' && item.role === 'assistant') messages.begin(item);
    if (item.type === 'reasoning') thoughts.begin(item);
    if (item.type === 'web_search_call') searches.begin(item);
    calls.begin(item);
  };

  const done = (item: HistoryItem): void => {
    if (!isKnownItem(item)) {
      thread.record([responseRecord(item)]);
      unknown(item.type);
      return;
    }
    switch (item.type) {
      case 'message':
        if (item.role === 'assistant') messages.done(item);
        else thread.record([responseRecord(item)]);
        break;
      case 'reasoning':
        thoughts.done(item);
        break;
      case 'web_search_call':
        searches.done(item);
        break;
      case 'function_call':
      case 'custom_tool_call':
      case 'local_shell_call':
        calls.done(item);
        break;
      default:
        // Endpoints get their own values back, such as results of their own tools.
        thread.record([responseRecord(item)]);
    }
  };

  const completeOpen = (): void => {
    messages.completeOpen();
    thoughts.completeOpen();
    searches.completeOpen();
  };

  return {
    take(event) {
      switch (event.type) {
        case 'itemStarted':
          begin(event.item);
          break;
        case 'textDelta':
          messages.grow(event.itemId, event.delta);
          break;
        case 'summaryPart':
          thoughts.summaryPart(event.itemId, event.index);
          break;
        case 'summaryDelta':
          thoughts.grow(event.itemId, 'summary', event.index, event.delta);
          break;
        case 'reasoningDelta':
          thoughts.grow(event.itemId, 'content', event.index, event.delta);
          break;
        case 'item':
          done(event.item);
          break;
        case 'toolInputDelta':
          calls.grow(event.itemId, event.delta);
      }
    },
    cutOff() {
      messages.cutOff();
      completeOpen();
    },
    brokenOff: completeOpen,
  };
}
