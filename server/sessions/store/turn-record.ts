/** What the records of a turn's life say, in the protocol's words (spec/threads.md §12.2), and back. */
import type { ThreadTokenUsage } from '../../../schema/thread-usage.js';
import type { TurnError } from '../../../schema/turn.js';
import type { RecordPayload } from './rollout-record.js';
import { isObject } from './sniff-record.js';

/** The error of `task_complete`; null when there is none. */
export function turnErrorFromRecord(error: unknown): TurnError | null {
  if (!isObject(error)) return null;
  return {
    message: typeof error['message'] === 'string' ? error['message'] : '',
    codexErrorInfo: (errorInfo(error['codex_error_info'], camel) ?? null) as TurnError['codexErrorInfo'],
    additionalDetails: typeof error['additional_details'] === 'string' ? error['additional_details'] : null,
    misalignment: (renamed(error['misalignment'], camel) ?? null) as TurnError['misalignment'],
  };
}

/** The `error` member of `task_complete`. */
export function turnErrorToRecord(error: TurnError): RecordPayload {
  return {
    message: error.message,
    ...(error.codexErrorInfo ? { codex_error_info: errorInfo(error.codexErrorInfo, snake) } : {}),
    ...(error.additionalDetails ? { additional_details: error.additionalDetails } : {}),
    ...(error.misalignment ? { misalignment: renamed(error.misalignment, snake) } : {}),
  };
}

/** The usage of `token_count`; null when the record carries none. */
export function tokenUsageFromRecord(payload: RecordPayload): ThreadTokenUsage | null {
  const { info } = payload;
  if (!isObject(info)) return null;
  return {
    total: breakdown(info['total_token_usage']),
    last: breakdown(info['last_token_usage']),
    modelContextWindow: typeof info['model_context_window'] === 'number' ? info['model_context_window'] : null,
  };
}

/** The payload of `token_count`. */
export function tokenUsageToRecord(usage: ThreadTokenUsage): RecordPayload {
  return {
    type: 'token_count',
    info: {
      total_token_usage: renamed(usage.total, snake),
      last_token_usage: renamed(usage.last, snake),
      last_usage_includes_reasoning: false,
      model_context_window: usage.modelContextWindow ?? null,
    },
    rate_limits: null,
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

/** Either a word, or an object whose only member is the word. */
function errorInfo(info: unknown, name: (word: string) => string): unknown {
  return typeof info === 'string' ? name(info) : renamed(info, name);
}

const camel = (word: string): string => word.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const snake = (word: string): string => word.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function renamed(value: unknown, name: (word: string) => string): unknown {
  if (Array.isArray(value)) return value.map((entry) => renamed(entry, name));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [name(key), renamed(member, name)]));
}
