/**
 * Questions for the person at the MCP client, as `elicitation/create` (docs/protocol/services.md §11).
 *
 * Threat: an approval that nobody gave. Rule: only an explicit yes approves. No capability, an error, a cancelled
 * request, the end of the connection and an answer of another shape are a no.
 */
import type { LegacyMessage } from './events/legacy-item.js';
import { isObject } from '../../system/node/objects.js';

/** The members of `elicitation/create`. */
export interface Elicitation {
  readonly message: string;
  readonly requestedSchema: object;
  /** Members of the reference: `codex_elicitation` says what the question is about. */
  readonly about: Readonly<Record<string, unknown>>;
  /** The event that precedes the question, without `call_id` and `turn_id`; null: none. */
  readonly event: LegacyMessage | null;
}

export type Decision =
  | 'approved'
  | 'approved_for_session'
  | 'denied'
  | 'abort'
  /** Words of a command: commands that begin with them need no approval from now on. */
  | { readonly prefix: readonly string[] };

/** A form without questions: the person only agrees or not. */
export const NO_QUESTIONS = { type: 'object', properties: {} };

/**
 * The answers of the protocol (`action`), and those of the reference's clients (`decision`). If both are present,
 * `decision` counts.
 */
export function decisionIn(answer: unknown): Decision {
  if (!isObject(answer)) return 'denied';
  const { decision, action } = answer;
  if (decision !== undefined) return namedDecision(decision);
  return action === 'accept' ? 'approved' : action === 'cancel' ? 'abort' : 'denied';
}

function namedDecision(decision: unknown): Decision {
  if (decision === 'approved' || decision === 'approved_for_session' || decision === 'abort') return decision;
  const amendment = isObject(decision) ? decision['approved_execpolicy_amendment'] : null;
  const prefix = isObject(amendment) ? amendment['proposed_execpolicy_amendment'] : null;
  return Array.isArray(prefix) && prefix.every((word): word is string => typeof word === 'string')
    ? { prefix }
    : 'denied';
}

/** The answer to a form. */
export interface FormReply {
  readonly action: 'accept' | 'decline' | 'cancel';
  readonly content: Readonly<Record<string, unknown>> | null;
}

export function formReplyIn(answer: unknown): FormReply {
  const { action, content } = isObject(answer) ? answer : {};
  if (action === 'accept') return { action, content: isObject(content) ? content : {} };
  return { action: action === 'cancel' ? 'cancel' : 'decline', content: null };
}
