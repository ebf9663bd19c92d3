/** The goal of a thread. */
import { bool, i64, nullish, oneOf, optional, patch, struct, text } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const ThreadGoalStatus = oneOf('ThreadGoalStatus', [
  'active',
  'paused',
  'blocked',
  'usageLimited',
  'budgetLimited',
  'complete',
]);
export type ThreadGoalStatus = Wire<typeof ThreadGoalStatus>;

export const ThreadGoal = struct('ThreadGoal', {
  threadId: text,
  objective: text,
  status: ThreadGoalStatus,
  tokenBudget: nullish(i64),
  tokensUsed: i64,
  timeUsedSeconds: i64,
  createdAt: i64,
  updatedAt: i64,
});
export type ThreadGoal = Wire<typeof ThreadGoal>;

export const ThreadGoalMutationOrigin = oneOf('ThreadGoalMutationOrigin', ['user', 'automatic']);
export type ThreadGoalMutationOrigin = Wire<typeof ThreadGoalMutationOrigin>;

export const ThreadGoalClearParams = struct('ThreadGoalClearParams', {
  threadId: text,
  origin: optional(ThreadGoalMutationOrigin),
});
export type ThreadGoalClearParams = Wire<typeof ThreadGoalClearParams>;

export const ThreadGoalClearResponse = struct('ThreadGoalClearResponse', {
  cleared: bool,
});
export type ThreadGoalClearResponse = Wire<typeof ThreadGoalClearResponse>;

export const ThreadGoalClearedNotification = struct('ThreadGoalClearedNotification', {
  threadId: text,
});
export type ThreadGoalClearedNotification = Wire<typeof ThreadGoalClearedNotification>;

export const ThreadGoalGetParams = struct('ThreadGoalGetParams', {
  threadId: text,
});
export type ThreadGoalGetParams = Wire<typeof ThreadGoalGetParams>;

export const ThreadGoalGetResponse = struct('ThreadGoalGetResponse', {
  goal: nullish(ThreadGoal),
});
export type ThreadGoalGetResponse = Wire<typeof ThreadGoalGetResponse>;

export const ThreadGoalSetParams = struct('ThreadGoalSetParams', {
  threadId: text,
  origin: optional(ThreadGoalMutationOrigin),
  objective: optional(text),
  status: optional(ThreadGoalStatus),
  tokenBudget: patch(i64),
});
export type ThreadGoalSetParams = Wire<typeof ThreadGoalSetParams>;

export const ThreadGoalSetResponse = struct('ThreadGoalSetResponse', {
  goal: ThreadGoal,
});
export type ThreadGoalSetResponse = Wire<typeof ThreadGoalSetResponse>;

export const ThreadGoalUpdatedNotification = struct('ThreadGoalUpdatedNotification', {
  threadId: text,
  turnId: nullish(text),
  goal: ThreadGoal,
});
export type ThreadGoalUpdatedNotification = Wire<typeof ThreadGoalUpdatedNotification>;
