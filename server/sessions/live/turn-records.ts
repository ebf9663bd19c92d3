/** The records for the beginning and the end of a turn (docs/protocol/threads.md §12.2). */
import type { NewRecord, RecordPayload } from '../store/records/rollout-record.js';
import { newId } from '../store/records/thread-id.js';
import type { TurnOutcome } from './live-thread.js';

export interface TurnTimes {
  readonly turnId: string;
  readonly rootTurnId: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
}

/** `modelContextWindow`: in tokens. */
export function turnStartedRecord(
  { turnId, rootTurnId, startedAtMs }: TurnTimes,
  modelContextWindow: number,
): NewRecord {
  return event({
    type: 'task_started',
    turn_id: turnId,
    root_turn_id: rootTurnId,
    started_at: seconds(startedAtMs),
    model_context_window: modelContextWindow,
    collaboration_mode_kind: 'default',
  });
}

/** `lastAgentMessage`: the text of the turn's answer, if there is one. */
export function turnEndedRecords(
  times: TurnTimes,
  outcome: TurnOutcome,
  lastAgentMessage: string | null,
  completedAtMs: number,
): NewRecord[] {
  const { turnId, rootTurnId, startedAtMs } = times;
  const common = {
    root_turn_id: rootTurnId,
    turn_id: turnId,
    started_at: seconds(startedAtMs),
    completed_at: seconds(completedAtMs),
    duration_ms: completedAtMs - startedAtMs,
  };
  if (outcome.status === 'interrupted') {
    return [
      userRecord(turnId, TURN_ABORTED, 'generic.turn_aborted'),
      event({ type: 'turn_aborted', ...common, reason: 'interrupted' }),
    ];
  }
  const error = outcome.status === 'failed' ? errorOf(outcome) : {};
  return [event({ type: 'task_complete', ...common, last_agent_message: lastAgentMessage, ...error })];
}

/** A message of codexd to the model in the user's role, as a record of the model's history. */
export function userRecord(turnId: string, text: string, kind: string): NewRecord {
  return {
    type: 'response_item',
    payload: {
      type: 'message',
      id: `msg_${newId()}`,
      role: 'user',
      content: [{ type: 'input_text', text }],
      internal_chat_message_metadata_passthrough: {
        turn_id: turnId,
        create_time: Date.now() / 1000,
        content_item_kinds: [kind],
      },
    },
  };
}

/** The text for the model after a turn that a person interrupted (docs/protocol/turns.md §7). */
const TURN_ABORTED = [
  '<turn_aborted>',
  'The user ended this turn before it was complete. Commands and tools that were running may have done a part of their work,',
  'and processes in background terminals may still be running.',
  '</turn_aborted>',
].join('\n');

function errorOf({ error }: Extract<TurnOutcome, { status: 'failed' }>): RecordPayload {
  const { message, codexErrorInfo, additionalDetails } = error;
  return {
    error: {
      message,
      ...(codexErrorInfo ? { codex_error_info: errorInfo(codexErrorInfo) } : {}),
      ...(additionalDetails ? { additional_details: additionalDetails } : {}),
    },
  };
}

/** In the file, words and members are written with underscores. */
function errorInfo(info: NonNullable<Extract<TurnOutcome, { status: 'failed' }>['error']['codexErrorInfo']>): unknown {
  if (typeof info === 'string') return snake(info);
  return Object.fromEntries(
    Object.entries(info).map(([name, members]) => [
      snake(name),
      Object.fromEntries(Object.entries(members as object).map(([member, value]) => [snake(member), value])),
    ]),
  );
}

const snake = (word: string): string => word.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const event = (payload: RecordPayload): NewRecord => ({ type: 'event_msg', payload });
/** Unix seconds, as in the protocol's `startedAt` and `completedAt` (docs/protocol/threads.md §1). */
export const seconds = (ms: number): number => Math.floor(ms / 1000);
