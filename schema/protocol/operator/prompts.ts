/** The open questions of all connections and threads. codexd adds these methods (docs/protocol-extensions.md). */
import { AnsweredBy } from '../common/answered-by.js';
import { bool, i64, json, list, nullish, oneOf, struct, text } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { ThreadItem } from '../threads/item.js';
import { OperatorOwner } from './owner.js';

export const OperatorPrompt = struct('OperatorPrompt', {
  promptId: text,
  openedAtMs: i64,
  owner: OperatorOwner,
  /** The server request, for example `item/commandExecution/requestApproval`. */
  method: text,
  /** The params of the server request, as they were sent. */
  params: json,
  /** Whether `operator/prompts/answer` of this client would count. */
  mayAnswer: bool,
});
export type OperatorPrompt = Wire<typeof OperatorPrompt>;

export const OperatorPromptsListParams = struct('OperatorPromptsListParams', {});
export type OperatorPromptsListParams = Wire<typeof OperatorPromptsListParams>;

export const OperatorPromptsListResponse = struct('OperatorPromptsListResponse', {
  /** Oldest first. */
  data: list(OperatorPrompt),
});
export type OperatorPromptsListResponse = Wire<typeof OperatorPromptsListResponse>;

export const OperatorPromptsItemParams = struct('OperatorPromptsItemParams', { promptId: text });
export type OperatorPromptsItemParams = Wire<typeof OperatorPromptsItemParams>;

export const OperatorPromptsItemResponse = struct('OperatorPromptsItemResponse', {
  /** What the question is about, for example a patch with its diff. Null: the question has no item, or is settled. */
  item: nullish(ThreadItem),
});
export type OperatorPromptsItemResponse = Wire<typeof OperatorPromptsItemResponse>;

export const OperatorPromptsAnswerParams = struct('OperatorPromptsAnswerParams', {
  promptId: text,
  /** The result of the server request. It is checked like the answer of any client. */
  result: json,
});
export type OperatorPromptsAnswerParams = Wire<typeof OperatorPromptsAnswerParams>;

export const OperatorPromptsAnswerResponse = struct('OperatorPromptsAnswerResponse', {
  /** false: the question was settled before, and this answer changed nothing. */
  settled: bool,
});
export type OperatorPromptsAnswerResponse = Wire<typeof OperatorPromptsAnswerResponse>;

export const OperatorPromptsOpenedNotification = struct('OperatorPromptsOpenedNotification', {
  prompt: OperatorPrompt,
});
export type OperatorPromptsOpenedNotification = Wire<typeof OperatorPromptsOpenedNotification>;

export const OperatorPromptsSettledNotification = struct('OperatorPromptsSettledNotification', {
  promptId: text,
  /** Null: nobody answered. */
  by: nullish(AnsweredBy),
  /** `withdrawn`: its command, its turn, its thread or its connection ended, or nobody answered in time. */
  outcome: oneOf(null, ['answered', 'withdrawn']),
});
export type OperatorPromptsSettledNotification = Wire<typeof OperatorPromptsSettledNotification>;
