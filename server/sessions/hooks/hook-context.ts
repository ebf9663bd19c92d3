/** What the model receives of hooks (docs/protocol/services.md §6 "Context"). */
import type { HookAnswer } from '../../hooks/run/hook-answer.js';
import type { HookResult } from '../../hooks/run/run-hooks.js';
import { shorten } from '../shell/model-output.js';
import type { NewRecord } from '../store/records/rollout-record.js';
import { newId } from '../store/records/thread-id.js';

/** Of one text, in tokens. */
const USUAL_LIMIT = 2_500;

/** A text of a hook, shortened for the model. */
export const forModel = (text: string, limit: number | null = null): string =>
  shorten(text, Buffer.byteLength(text), { unit: 'tokens', amount: limit ?? USUAL_LIMIT });

/** The context that hooks add, in their order. */
export const contextsOf = (results: readonly HookResult[]): string[] =>
  results.flatMap(({ hook, answer }) => textsOf(answer, hook.additionalContextLimit));

export const textsOf = ({ entries }: Pick<HookAnswer, 'entries'>, limit: number | null = null): string[] =>
  entries.flatMap(({ kind, text }) => (kind === 'context' ? [forModel(text, limit)] : []));

/** Context in the form of the history. */
export const contextRecords = (texts: readonly string[]): NewRecord[] =>
  texts.map((text) => ({
    type: 'response_item',
    payload: {
      type: 'message',
      id: `msg_${newId()}`,
      role: 'developer',
      content: [{ type: 'input_text', text }],
    },
  }));

/** The reasons of the hooks that refused, in their order; null: none did. */
export function refusalOf(results: readonly HookResult[]): string | null {
  const reasons = results.flatMap(({ answer, hook }) =>
    answer.status === 'blocked' ? [forModel(answer.reason ?? '', hook.additionalContextLimit)] : [],
  );
  return reasons[0] ?? null;
}

export const isStopped = (results: readonly HookResult[]): boolean =>
  results.some(({ answer: { status } }) => status === 'stopped');
