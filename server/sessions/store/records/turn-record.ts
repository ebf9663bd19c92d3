/** Converts the records about turns to the protocol's form (docs/protocol/threads.md §12.2). */
import type { ThreadTokenUsage } from '../../../../schema/protocol/threads/thread-usage.js';
import type { TurnError } from '../../../../schema/protocol/threads/turn.js';
import { isObject } from '../../../system/node/objects.js';
import type { RecordPayload } from './rollout-record.js';
import { camel, camelMembers } from './spelling.js';

/** The error of `task_complete`; null: there is none. */
export function turnErrorFromRecord(error: unknown): TurnError | null {
  if (!isObject(error)) return null;
  return {
    message: typeof error['message'] === 'string' ? error['message'] : '',
    codexErrorInfo: (errorInfo(error['codex_error_info']) ?? null) as TurnError['codexErrorInfo'],
    additionalDetails: typeof error['additional_details'] === 'string' ? error['additional_details'] : null,
    misalignment: (camelMembers(error['misalignment']) ?? null) as TurnError['misalignment'],
  };
}

/** The usage of `token_count`; null: the record has none. */
export function tokenUsageFromRecord(payload: RecordPayload): ThreadTokenUsage | null {
  const { info } = payload;
  if (!isObject(info)) return null;
  return {
    total: breakdown(info['total_token_usage']),
    last: breakdown(info['last_token_usage']),
    modelContextWindow: typeof info['model_context_window'] === 'number' ? info['model_context_window'] : null,
  };
}

export const integerOrNull = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? Math.trunc(value) : null;

function breakdown(recorded: unknown): ThreadTokenUsage['total'] {
  const members = isObject(recorded) ? recorded : {};
  const count = (name: string): number => integerOrNull(members[name]) ?? 0;
  return {
    totalTokens: count('total_tokens'),
    inputTokens: count('input_tokens'),
    cachedInputTokens: count('cached_input_tokens'),
    cacheWriteInputTokens: count('cache_write_input_tokens'),
    outputTokens: count('output_tokens'),
    reasoningOutputTokens: count('reasoning_output_tokens'),
  };
}

/** An error is either a word, or an object whose only member is that word. */
function errorInfo(info: unknown): unknown {
  return typeof info === 'string' ? camel(info) : camelMembers(info);
}
