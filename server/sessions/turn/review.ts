/**
 * Reviews (docs/protocol/turns.md §10): the model examines changes with separate instructions and a separate history;
 * the thread stores the result.
 */
import type { RequestParams } from '../../../schema/registry.js';
import type { ThreadItem } from '../../../schema/protocol/threads/item.js';
import { invalidRequest } from '../../errors/rpc-error.js';
import type { TurnOutcome } from '../live/live-thread.js';
import type { TurnThread, WorkTurn } from '../live/turn-thread.js';
import { textIn } from '../store/records/item-text.js';
import { newId } from '../store/records/thread-id.js';
import { notifyLastTurnDiff } from '../tools/apply-patch/apply-patch.js';
import type { InputPart } from './user-input.js';
import { runInTurn, type LoopOptions } from './agent-loop.js';
import { reviewRuntime } from './review-runtime.js';

export type ReviewTarget = RequestParams<'review/start'>['target'];

/** The target of a review: its label for clients, and the prompt for the model. Throws RpcError for an empty target. */
export function reviewRequest(target: ReviewTarget): { readonly label: string; readonly prompt: string } {
  const named = (what: string, value: string): string => {
    const trimmed = value.trim();
    if (trimmed === '') throw invalidRequest(`${what} must not be empty`);
    return trimmed;
  };
  switch (target.type) {
    case 'uncommittedChanges':
      return {
        label: 'current changes',
        prompt: 'Review the changes in the working tree: what is staged, what is not, and new files.',
      };
    case 'baseBranch': {
      const branch = named('branch', target.branch);
      return {
        label: `changes against '${branch}'`,
        prompt: `Review what this branch changes against '${branch}': find the merge base with it (or with its upstream), and look at the difference from there.`,
      };
    }
    case 'commit': {
      const sha = named('sha', target.sha);
      const title = target.title?.trim();
      return {
        label: `commit ${sha.slice(0, 7)}${title ? `: ${title}` : ''}`,
        prompt: `Review the changes of commit ${sha}${title ? ` ("${title}")` : ''}.`,
      };
    }
    case 'custom': {
      const instructions = named('instructions', target.instructions);
      return { label: instructions, prompt: instructions };
    }
  }
}

const INSTRUCTIONS = `You review a change that somebody else made to code. Find what its author would want to know before it is merged.

Report a finding only when all of this is true:
- it makes the code wrong, unsafe, slow or hard to maintain in a way that matters, and you can say when that happens;
- the change brought it in: older problems are not your business;
- it is one thing, with a place, and something can be done about it;
- you read the code that proves it. Do not guess, and do not report taste.

Look at the change with commands that only read (git diff, git show, rg). Change nothing. Then answer with JSON alone, no fences:
{"findings":[{"title":"[P0-P3] what is wrong, in a few words","body":"when it happens and why, with the way out, in a short paragraph","confidence_score":0.0-1.0,"priority":0-3,"code_location":{"absolute_file_path":"/…","line_range":{"start":1,"end":2}}}],"overall_correctness":"patch is correct" or "patch is incorrect","overall_explanation":"one to three sentences","overall_confidence_score":0.0-1.0}
Order findings by weight; P0 stops a release, P3 is worth a word. An empty list is a good answer when nothing is wrong.`;

/** Runs the review in the turn, which has begun. The caller ends the turn. Never rejects. */
export async function runReview(
  options: LoopOptions,
  { label, prompt }: { readonly label: string; readonly prompt: string },
): Promise<TurnOutcome> {
  const { thread, turn } = options;
  turn.itemCompleted({ type: 'enteredReviewMode', id: newId(), review: label });
  const apart = reviewRuntime(thread, turn, { baseInstructions: INSTRUCTIONS });
  const input = { input: [textInput(prompt)], clientUserMessageId: null, before: [], toolOutput: null };
  const outcome = await runInTurn({ ...options, thread: apart.thread, turn: apart.turn }, input);
  const review = outcome.status === 'completed' ? reviewText(textIn(apart.lastMessage()?.content)) : NO_REVIEW;
  apart.close();
  notifyLastTurnDiff(thread, turn);
  turn.itemCompleted({ type: 'exitedReviewMode', id: newId(), review });
  recordResult(thread, turn, review);
  return outcome;
}

const NO_REVIEW = 'The review was ended before it had a result.';

/** Adds the result to the thread's history, as a request of the person and a message of the model. */
function recordResult(thread: TurnThread, turn: WorkTurn, review: string): void {
  const asked = [
    '<user_action>',
    '<context>The user asked for a review of code. Another model did it; this is all that it found. The user may ask you to resolve some of it.</context>',
    '<action>review</action>',
    `<results>\n${review}\n</results>`,
    '</user_action>',
  ].join('\n');
  const message = {
    type: 'message',
    id: `msg_${newId()}`,
    role: 'user',
    content: [{ type: 'input_text', text: asked }],
  };
  thread.record([{ type: 'response_item', payload: message }]);
  const id = `msg_${newId()}`;
  const answer = { type: 'message', id, role: 'assistant', content: [{ type: 'output_text', text: review }] };
  const item: ThreadItem = {
    type: 'agentMessage',
    id,
    text: review,
    phase: null,
    memoryCitation: null,
    moderation: null,
    delivery: null,
    questions: null,
  };
  turn.itemCompleted(item, [{ type: 'response_item', payload: answer }]);
}

interface Finding {
  readonly title?: string;
  readonly body?: string;
  readonly code_location?: {
    readonly absolute_file_path?: string;
    readonly line_range?: { readonly start?: number; readonly end?: number };
  };
}

/** The text of a review for clients: JSON in its known form is formatted, other text stays unchanged. */
export function reviewText(answer: string): string {
  let review: { readonly findings?: readonly Finding[]; readonly overall_explanation?: string };
  try {
    const [, json = answer] = /^\s*```(?:json)?([\s\S]*?)```\s*$/.exec(answer) ?? [];
    review = JSON.parse(json) as typeof review;
    if (!Array.isArray(review?.findings)) return answer;
  } catch {
    return answer;
  }
  const { findings = [], overall_explanation: explanation = '' } = review;
  if (findings.length === 0) return explanation.trim();
  const shown = findings.map(({ title = '', body = '', code_location: at }) => {
    const { start = 0, end = start } = at?.line_range ?? {};
    const indented = body.split('\n').map((line: string) => `  ${line}`);
    return [`- ${title} — ${at?.absolute_file_path ?? ''}:${start}-${end}`, ...indented].join('\n');
  });
  const head = findings.length === 1 ? 'Review comment:' : 'Full review comments:';
  return [explanation.trim(), head, shown.join('\n\n')].filter((part) => part !== '').join('\n\n');
}

const textInput = (text: string): InputPart => ({ type: 'text', text, text_elements: [] });
