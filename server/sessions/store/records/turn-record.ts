/**
 * The forms of turns between files and answers: what the index of a history knows of one, and turns that are written on
 * the way (history/). Converts the records about turns to the protocol's form (docs/protocol/threads.md §12.2).
 */
import type { ThreadTokenUsage } from '../../../../schema/protocol/threads/thread-usage.js';
import type { Turn, TurnError, TurnStatus } from '../../../../schema/protocol/threads/turn.js';
import type { TextRoom } from '../../../rpc/wire/written-list.js';
import { isObject } from '../../../system/node/objects.js';
import type { RawTexts } from './raw-texts.js';
import type { HistoryMode, RecordPayload } from './rollout-record.js';
import type { SniffedRecord } from './sniff-record.js';
import { camel, camelMembers } from './spelling.js';

/** The position of one record. */
export interface Place {
  readonly slice: number;
  readonly start: number;
  readonly end: number;
  readonly position: number;
  /** Legacy: the number in the turn's synthetic id. */
  readonly number: number;
}

export interface TurnEntry {
  readonly id: string;
  rootTurnId: string | null;
  /** `task_started` opened the turn: a user message does not begin another turn. */
  readonly explicit: boolean;
  readonly slice: number;
  readonly start: number;
  end: number;
  /** Ordinal of the record that opened the turn; in legacy files that record's number. */
  readonly position: number;
  /** Number of that record among the thread's records. */
  readonly record: number;
  /** How many synthetic item ids were given before this turn. */
  readonly firstItem: number;
  endPosition: number | null;
  /** `inProgress`: the file has no end of the turn. */
  status: TurnStatus;
  error: TurnError | null;
  startedAt: number | null;
  completedAt: number | null;
  durationMs: number | null;
  items: number;
  sawCompaction: boolean;
  late: Place[] | null;
}

/** Turns as JSON, oldest first. */
export interface WrittenTurns {
  /** Replaces the turn with the same id, or follows the others. */
  put(turn: Turn): void;
  /** The answer with these turns in its thread. Call it once, as the last. */
  into<R extends { readonly thread: object }>(result: R): R;
}

/** A line that the index took. */
export interface IndexedLine {
  readonly mode: HistoryMode;
  readonly slice: number;
  /** Its position in the slice's file. */
  readonly offset: number;
  readonly sniffed: SniffedRecord | null;
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

export interface KeptTurns {
  /** Where it writes; also for the turns that are read later. */
  readonly room: TextRoom;
  /** The long texts of the turn that it takes, or of the turns that are read later. */
  readonly raw: RawTexts;
  /** Takes a line directly after the index. `open`: the turn whose range contains it. */
  line(open: TurnEntry | null, line: IndexedLine): void;
  /** Nothing follows in this slice. Call it after `closeRange`. */
  closed(): void;
  /** The turn as an element of a list; null: read it from the files. */
  elementOf(entry: TurnEntry): Buffer | null;
}

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
