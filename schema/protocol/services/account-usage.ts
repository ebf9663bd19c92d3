/** Limits, credits and usage of an account. */
import {
  bool,
  dict,
  i32,
  i64,
  json,
  list,
  nullish,
  omittable,
  oneOf,
  optional,
  struct,
  text,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { PlanType } from './account.js';
import { ThreadUsage } from '../threads/thread-usage.js';

export const RateLimitWindow = struct('RateLimitWindow', {
  usedPercent: i32,
  windowDurationMins: nullish(i64),
  resetsAt: nullish(i64),
});
export type RateLimitWindow = Wire<typeof RateLimitWindow>;

export const CreditsSnapshot = struct('CreditsSnapshot', {
  hasCredits: bool,
  unlimited: bool,
  balance: nullish(text),
});
export type CreditsSnapshot = Wire<typeof CreditsSnapshot>;

export const SpendControlLimitSnapshot = struct('SpendControlLimitSnapshot', {
  limit: text,
  used: text,
  remainingPercent: i32,
  resetsAt: i64,
});
export type SpendControlLimitSnapshot = Wire<typeof SpendControlLimitSnapshot>;

export const RateLimitReachedType = oneOf('RateLimitReachedType', [
  'rate_limit_reached',
  'workspace_owner_credits_depleted',
  'workspace_member_credits_depleted',
  'workspace_owner_usage_limit_reached',
  'workspace_member_usage_limit_reached',
]);
export type RateLimitReachedType = Wire<typeof RateLimitReachedType>;

export const RateLimitSnapshot = struct('RateLimitSnapshot', {
  limitId: nullish(text),
  limitName: nullish(text),
  normalModelSlug: nullish(text),
  primary: nullish(RateLimitWindow),
  secondary: nullish(RateLimitWindow),
  credits: nullish(CreditsSnapshot),
  individualLimit: nullish(SpendControlLimitSnapshot),
  spendControlReached: nullish(bool),
  planType: nullish(PlanType),
  rateLimitReachedType: nullish(RateLimitReachedType),
});
export type RateLimitSnapshot = Wire<typeof RateLimitSnapshot>;

export const AccountRateLimitsUpdatedNotification = struct('AccountRateLimitsUpdatedNotification', {
  rateLimits: RateLimitSnapshot,
});
export type AccountRateLimitsUpdatedNotification = Wire<typeof AccountRateLimitsUpdatedNotification>;

export const AccountTokenUsageDailyBucket = struct('AccountTokenUsageDailyBucket', {
  startDate: text,
  tokens: i64,
});
export type AccountTokenUsageDailyBucket = Wire<typeof AccountTokenUsageDailyBucket>;

export const AccountTokenUsageSummary = struct('AccountTokenUsageSummary', {
  lifetimeTokens: nullish(i64),
  peakDailyTokens: nullish(i64),
  longestRunningTurnSec: nullish(i64),
  currentStreakDays: nullish(i64),
  longestStreakDays: nullish(i64),
});
export type AccountTokenUsageSummary = Wire<typeof AccountTokenUsageSummary>;

export const AddCreditsNudgeCreditType = oneOf('AddCreditsNudgeCreditType', ['credits', 'usage_limit']);
export type AddCreditsNudgeCreditType = Wire<typeof AddCreditsNudgeCreditType>;

export const AddCreditsNudgeEmailStatus = oneOf('AddCreditsNudgeEmailStatus', ['sent', 'cooldown_active']);
export type AddCreditsNudgeEmailStatus = Wire<typeof AddCreditsNudgeEmailStatus>;

export const ConsumeAccountRateLimitResetCreditOutcome = oneOf('ConsumeAccountRateLimitResetCreditOutcome', [
  'reset',
  'nothingToReset',
  'noCredit',
  'alreadyRedeemed',
]);
export type ConsumeAccountRateLimitResetCreditOutcome = Wire<typeof ConsumeAccountRateLimitResetCreditOutcome>;

export const ConsumeAccountRateLimitResetCreditParams = struct('ConsumeAccountRateLimitResetCreditParams', {
  idempotencyKey: text,
  creditId: optional(text),
});
export type ConsumeAccountRateLimitResetCreditParams = Wire<typeof ConsumeAccountRateLimitResetCreditParams>;

export const ConsumeAccountRateLimitResetCreditResponse = struct('ConsumeAccountRateLimitResetCreditResponse', {
  outcome: ConsumeAccountRateLimitResetCreditOutcome,
});
export type ConsumeAccountRateLimitResetCreditResponse = Wire<typeof ConsumeAccountRateLimitResetCreditResponse>;

export const GetAccountRateLimitsParams = struct('GetAccountRateLimitsParams', {
  supportsLunaReserve: omittable(bool, false),
  excludeResetCreditDetails: omittable(bool, false),
});
export type GetAccountRateLimitsParams = Wire<typeof GetAccountRateLimitsParams>;

export const RateLimitResetType = oneOf('RateLimitResetType', ['codexRateLimits', 'unknown']);
export type RateLimitResetType = Wire<typeof RateLimitResetType>;

export const RateLimitResetCreditStatus = oneOf('RateLimitResetCreditStatus', [
  'available',
  'redeeming',
  'redeemed',
  'unknown',
]);
export type RateLimitResetCreditStatus = Wire<typeof RateLimitResetCreditStatus>;

export const RateLimitResetCredit = struct('RateLimitResetCredit', {
  id: text,
  resetType: RateLimitResetType,
  status: RateLimitResetCreditStatus,
  grantedAt: i64,
  expiresAt: nullish(i64),
  title: nullish(text),
  description: nullish(text),
});
export type RateLimitResetCredit = Wire<typeof RateLimitResetCredit>;

export const RateLimitResetCreditsSummary = struct('RateLimitResetCreditsSummary', {
  availableCount: i64,
  credits: nullish(list(RateLimitResetCredit)),
});
export type RateLimitResetCreditsSummary = Wire<typeof RateLimitResetCreditsSummary>;

export const GetAccountRateLimitsResponse = struct('GetAccountRateLimitsResponse', {
  ordinaryUsageAllowed: nullish(bool),
  rateLimits: RateLimitSnapshot,
  rateLimitsByLimitId: nullish(dict(RateLimitSnapshot)),
  rateLimitResetCredits: nullish(RateLimitResetCreditsSummary),
  accountId: nullish(text),
  rateLimitUpsell: nullish(json),
});
export type GetAccountRateLimitsResponse = Wire<typeof GetAccountRateLimitsResponse>;

export const GetAccountTokenUsageParams = struct('GetAccountTokenUsageParams', {
  threadId: optional(text),
});
export type GetAccountTokenUsageParams = Wire<typeof GetAccountTokenUsageParams>;

export const GetAccountTokenUsageResponse = struct('GetAccountTokenUsageResponse', {
  summary: AccountTokenUsageSummary,
  dailyUsageBuckets: nullish(list(AccountTokenUsageDailyBucket)),
  threadUsage: optional(ThreadUsage),
});
export type GetAccountTokenUsageResponse = Wire<typeof GetAccountTokenUsageResponse>;

export const WorkspaceMessageType = oneOf('WorkspaceMessageType', ['headline', 'announcement', 'unknown']);
export type WorkspaceMessageType = Wire<typeof WorkspaceMessageType>;

export const WorkspaceMessage = struct('WorkspaceMessage', {
  messageId: text,
  messageType: WorkspaceMessageType,
  messageBody: text,
  createdAt: nullish(i64),
  archivedAt: nullish(i64),
});
export type WorkspaceMessage = Wire<typeof WorkspaceMessage>;

export const GetWorkspaceMessagesResponse = struct('GetWorkspaceMessagesResponse', {
  featureEnabled: bool,
  messages: list(WorkspaceMessage),
});
export type GetWorkspaceMessagesResponse = Wire<typeof GetWorkspaceMessagesResponse>;

export const SendAddCreditsNudgeEmailParams = struct('SendAddCreditsNudgeEmailParams', {
  creditType: AddCreditsNudgeCreditType,
});
export type SendAddCreditsNudgeEmailParams = Wire<typeof SendAddCreditsNudgeEmailParams>;

export const SendAddCreditsNudgeEmailResponse = struct('SendAddCreditsNudgeEmailResponse', {
  status: AddCreditsNudgeEmailStatus,
});
export type SendAddCreditsNudgeEmailResponse = Wire<typeof SendAddCreditsNudgeEmailResponse>;
