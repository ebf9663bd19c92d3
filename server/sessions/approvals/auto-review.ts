/**
 * Automatic review: with `approvals_reviewer = auto_review`, the model decides approvals in the person's place
 * (docs/protocol/network.md §5).
 *
 * Threat: the action, or what the agent has read, persuades the reviewer to approve; a failed review counts as an
 * approval. Rule: everything that codexd did not write is evidence in the request, between marks that nobody can
 * predict. Only `allow` in the requested form approves. An answer in another form is requested again, a few times.
 * After that, and if the review fails, takes too long or is interrupted, the answer is a denial. Non-scope: actions
 * without approvals (rules, denials, policy `never`): they are decided before.
 */
import { messageOf } from '../../errors/message-of.js';
import { randomBytes, randomUUID } from 'node:crypto';
import type {
  GuardianApprovalReview,
  GuardianApprovalReviewAction,
  GuardianRiskLevel,
  GuardianUserAuthorization,
} from '../../../schema/protocol/approvals/guardian.js';
import type { HistoryItem } from '../model/provider/model-provider.js';
import type { ToolContext } from '../tool-types/tool.js';
import { RECENT_REVIEWS } from '../runtime/review-tally.js';
import { newId } from '../store/records/thread-id.js';
import { assessmentOf, ASSESSMENT_SCHEMA, type Assessment } from './assessment.js';
import { reviewQuestion } from './review-question.js';

export interface ReviewSubject {
  /** The item that waits for the review; null: clients see no such item (network requests). */
  readonly targetItemId: string | null;
  /** The action as clients receive it. */
  readonly action: GuardianApprovalReviewAction;
  /** The action as the reviewer receives it: all known facts. */
  readonly planned: Readonly<Record<string, unknown>>;
}

/**
 * `text`: the message for the agent instead of an answer. `settle`: to be called once the item is complete; where the
 * reviewer has said no too often in this turn it warns, and ends the turn.
 */
export type ReviewVerdict =
  { readonly allowed: true } | { readonly allowed: false; readonly text: string; readonly settle: () => void };

/** How many invalid answers make a review fail (docs/protocol/network.md §5). */
const ATTEMPTS = 3;
/** A limit of codexd's own, in milliseconds: a slow endpoint must not stop a turn for longer. */
const REVIEW_LIMIT_MS = 90_000;

/** Whether the reviewer answers this turn's questions. */
export const isReviewed = ({ state }: Pick<ToolContext, 'state'>): boolean =>
  state.wire.approvalsReviewer === 'auto_review';

/** Notifies the subscribers of its beginning and its end. Rejects with the signal's reason if it is aborted. */
export async function autoReview(
  context: ToolContext,
  { targetItemId, action, planned }: ReviewSubject,
  signal: AbortSignal,
): Promise<ReviewVerdict> {
  const { thread, turn } = context;
  const startedAtMs = Date.now();
  const about = { threadId: thread.id, turnId: turn.id, startedAtMs, reviewId: randomUUID(), targetItemId, action };
  const complete = (review: GuardianApprovalReview, warning: string | null): void => {
    if (warning !== null) thread.events.notify('guardianWarning', { threadId: thread.id, message: warning });
    const end = { completedAtMs: Date.now(), decisionSource: 'agent' as const };
    thread.events.notify('item/autoApprovalReview/completed', { ...about, ...end, review });
  };
  thread.events.notify('item/autoApprovalReview/started', { ...about, review: UNDECIDED });
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new Error('it took too long')), REVIEW_LIMIT_MS);
  try {
    const assessment = await assess(context, planned, AbortSignal.any([signal, limit.signal]));
    const { outcome, riskLevel, userAuthorization, rationale } = assessment;
    const allowed = outcome === 'allow';
    complete(
      { status: allowed ? 'approved' : 'denied', riskLevel, userAuthorization, rationale },
      warningOf(assessment),
    );
    if (allowed) {
      turn.runtime.reviews.passed();
      return { allowed };
    }
    const settle = turn.runtime.reviews.denied() ? () => endTurn(context) : () => undefined;
    return { allowed, text: rejection(rationale), settle };
  } catch (error) {
    if (signal.aborted) {
      complete({ ...UNDECIDED, status: 'aborted' }, null);
      throw error;
    }
    const why = `Automatic approval review failed: ${messageOf(error)}`;
    complete({ ...UNDECIDED, status: limit.signal.aborted ? 'timedOut' : 'denied', rationale: why }, why);
    turn.runtime.reviews.passed();
    return { allowed: false, text: `${why}\n${NOT_REVIEWED}`, settle: () => undefined };
  } finally {
    clearTimeout(timer);
  }
}

/** The model asks again and again for what was refused: the person has to look (docs/protocol/turns.md §6). */
function endTurn({ thread, turn, cancelTurn }: ToolContext): void {
  const { inARow, recent } = turn.runtime.reviews;
  const message = `Automatic approval review rejected too many approval requests for this turn (${inARow} consecutive, ${recent} in the last ${RECENT_REVIEWS} reviews); interrupting the turn.`;
  thread.events.notify('guardianWarning', { threadId: thread.id, message });
  cancelTurn();
}

const UNDECIDED = { status: 'inProgress', riskLevel: null, userAuthorization: null, rationale: null } as const;

/** Rejects if there is no valid assessment. */
async function assess(
  { sideQuestions, state, thread }: ToolContext,
  planned: ReviewSubject['planned'],
  signal: AbortSignal,
): Promise<Assessment> {
  const question = reviewQuestion({
    history: await sideQuestions.history(),
    planned,
    state,
    threadId: thread.id,
    nonce: randomBytes(8).toString('hex'),
  });
  const talk: HistoryItem[] = [...question];
  let failure: unknown = null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    signal.throwIfAborted();
    try {
      const text = await sideQuestions.ask({ input: talk, schema: ASSESSMENT_SCHEMA }, signal);
      const assessment = assessmentOf(text);
      if (assessment !== null) return assessment;
      failure = new Error('guardian assessment was not valid JSON');
      talk.push(message('assistant', text), message('user', AGAIN));
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
    }
  }
  throw failure;
}

const AGAIN = 'That was no assessment. Answer with one JSON object as described, and with nothing before or behind it.';

function message(role: 'assistant' | 'user', text: string): HistoryItem {
  const type = role === 'assistant' ? 'output_text' : 'input_text';
  return { type: 'message', id: `msg_${newId()}`, role, content: [{ type, text }] };
}

function warningOf({ outcome, riskLevel, userAuthorization, rationale }: Assessment): string {
  const verdict = outcome === 'allow' ? 'approved' : 'denied';
  return `Automatic approval review ${verdict} (${judged(riskLevel, userAuthorization)}): ${rationale}`;
}

const judged = (risk: GuardianRiskLevel, authorization: GuardianUserAuthorization): string =>
  `risk: ${risk}, authorization: ${authorization}`;

const rejection = (rationale: string): string =>
  [
    'This action was rejected due to unacceptable risk.',
    `Reason: ${rationale}`,
    'The agent must not attempt to get the same result by other means, by detours, or around the policy. It may go on with something that is clearly safer, or with this action once the person has been told of the risk and has agreed to it. Otherwise it stops and asks.',
  ].join('\n');

const NOT_REVIEWED =
  'The action was not carried out because the automatic review could not be completed. That says nothing about the action itself: do not go around the approval, but see to the error or ask the person what to do.';
