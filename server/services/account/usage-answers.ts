/** The answers of the services about limits and usage, in the protocol's shapes (docs/protocol/services.md §4). */
import type {
  GetAccountRateLimitsResponse,
  GetAccountTokenUsageResponse,
  RateLimitResetCredit,
  RateLimitSnapshot,
  RateLimitWindow,
  WorkspaceMessage,
} from '../../../schema/protocol/services/account-usage.js';
import type { ThreadUsage } from '../../../schema/protocol/threads/thread-usage.js';
import { planOf } from '../../sessions/account/claims.js';
import { percent, reachedType } from '../../sessions/account/rate-limits.js';
import { isObject } from '../../system/node/objects.js';
import { listOf, membersOf, secondsOf, textOrNull, wholeOrNull } from './answers.js';

type Members = Readonly<Record<string, unknown>>;

/** `/wham/usage`. `credits`: of `/wham/rate-limit-reset-credits`; null: not asked, or no answer. */
export function rateLimitsOf(answer: unknown, credits: unknown): GetAccountRateLimitsResponse {
  const usage = membersOf(answer);
  const main = mainLimit(usage);
  const others = listOf(usage.additional_rate_limits).map((limit) => otherLimit(usage, limit));
  const byId = Object.fromEntries([main, ...others].map((limit) => [limit.limitId ?? 'codex', limit]));
  const reset = isObject(usage.rate_limit_reset_credits) ? usage.rate_limit_reset_credits : null;
  const upsell = usage.rate_limit_upsell;
  return {
    ordinaryUsageAllowed: typeof usage.ordinary_usage_allowed === 'boolean' ? usage.ordinary_usage_allowed : null,
    rateLimits: main,
    rateLimitsByLimitId: byId,
    rateLimitResetCredits:
      reset === null && credits === null
        ? null
        : {
            availableCount:
              wholeOrNull(membersOf(credits).available_count) ?? wholeOrNull(membersOf(reset).available_count) ?? 0,
            credits: credits === null ? null : listOf(membersOf(credits).credits).flatMap(creditOf),
          },
    accountId: textOrNull(usage.account_id),
    rateLimitUpsell: isObject(upsell) ? upsell : null,
  };
}

function mainLimit(usage: Members): RateLimitSnapshot {
  const limit = membersOf(usage.rate_limit);
  const { has_credits: has, unlimited, balance } = membersOf(usage.credits);
  const control = membersOf(usage.spend_control);
  return {
    ...windowsOf(limit),
    limitId: 'codex',
    limitName: null,
    normalModelSlug: null,
    credits:
      typeof has === 'boolean' && typeof unlimited === 'boolean'
        ? { hasCredits: has, unlimited, balance: textOrNull(balance) }
        : null,
    individualLimit: individualLimit(control.individual_limit),
    spendControlReached: typeof control.reached === 'boolean' ? control.reached : null,
    planType: planOf(usage.plan_type),
    rateLimitReachedType: reachedType(membersOf(usage.rate_limit_reached_type).type),
  };
}

function otherLimit(usage: Members, other: Members): RateLimitSnapshot {
  return {
    ...windowsOf(membersOf(other.rate_limit)),
    limitId: textOrNull(other.metered_feature) ?? textOrNull(other.limit_name),
    limitName: textOrNull(other.limit_name),
    normalModelSlug: textOrNull(other.normal_model_slug),
    credits: null,
    individualLimit: null,
    spendControlReached: null,
    planType: planOf(usage.plan_type),
    rateLimitReachedType: null,
  };
}

const windowsOf = (limit: Members) => ({
  primary: windowOf(limit.primary_window),
  secondary: windowOf(limit.secondary_window),
});

function windowOf(value: unknown): RateLimitWindow | null {
  const { used_percent: used, limit_window_seconds: length, reset_at: reset } = membersOf(value);
  if (typeof used !== 'number') return null;
  const seconds = wholeOrNull(length);
  return {
    usedPercent: percent(used),
    windowDurationMins: seconds === null || seconds <= 0 ? null : Math.ceil(seconds / 60),
    resetsAt: wholeOrNull(reset),
  };
}

function individualLimit(value: unknown): RateLimitSnapshot['individualLimit'] {
  const { limit, used, remaining_percent: remaining, reset_at: reset } = membersOf(value);
  const resetsAt = wholeOrNull(reset);
  if (typeof limit !== 'string' || typeof used !== 'string' || typeof remaining !== 'number' || resetsAt === null)
    return null;
  return { limit, used, remainingPercent: percent(remaining), resetsAt };
}

const STATES: readonly RateLimitResetCredit['status'][] = ['available', 'redeeming', 'redeemed'];

function creditOf(credit: Members): RateLimitResetCredit[] {
  const id = textOrNull(credit.id);
  const grantedAt = secondsOf(credit.granted_at);
  if (id === null || grantedAt === null) return [];
  return [
    {
      id,
      resetType: credit.reset_type === 'codex_rate_limits' ? 'codexRateLimits' : 'unknown',
      status: STATES.find((state) => state === credit.status) ?? 'unknown',
      grantedAt,
      expiresAt: secondsOf(credit.expires_at),
      title: textOrNull(credit.title),
      description: textOrNull(credit.description),
    },
  ];
}

/** `/wham/profiles/me`. */
export function usageOf(answer: unknown): GetAccountTokenUsageResponse {
  const stats = membersOf(membersOf(answer).stats);
  return {
    summary: {
      lifetimeTokens: wholeOrNull(stats.lifetime_tokens),
      peakDailyTokens: wholeOrNull(stats.peak_daily_tokens),
      longestRunningTurnSec: wholeOrNull(stats.longest_running_turn_sec),
      currentStreakDays: wholeOrNull(stats.current_streak_days),
      longestStreakDays: wholeOrNull(stats.longest_streak_days),
    },
    dailyUsageBuckets: Array.isArray(stats.daily_usage_buckets)
      ? listOf(stats.daily_usage_buckets).flatMap(({ start_date: startDate, tokens }) => {
          const count = wholeOrNull(tokens);
          return typeof startDate === 'string' && count !== null ? [{ startDate, tokens: count }] : [];
        })
      : null,
    threadUsage: null,
  };
}

/** `/wham/workspace-messages`. */
export function messagesOf(answer: unknown): WorkspaceMessage[] {
  return listOf(membersOf(answer).messages).flatMap((message) => {
    const messageId = textOrNull(message.message_id);
    const { message_type: type, message_body: body } = message;
    if (messageId === null || typeof body !== 'string') return [];
    return [
      {
        messageId,
        messageType: type === 'headline' || type === 'announcement' ? type : 'unknown',
        messageBody: body,
        createdAt: secondsOf(message.created_at),
        archivedAt: secondsOf(message.archived_at),
      },
    ];
  });
}

/** `/wham/usage/thread_usage/query`; null: the service does not know the thread. */
export function threadUsageOf(answer: unknown, threadId: string): ThreadUsage | null {
  const found = listOf(membersOf(answer).threads).find((thread) => thread.thread_id === threadId);
  const credits = wholeOrNull(found?.estimated_usage_credits_micros);
  if (found === undefined || credits === null) return null;
  return {
    threadId,
    estimatedUsageCreditsMicros: credits,
    estimatedUsageUsdMicros: wholeOrNull(found.estimated_usage_usd_micros),
    nativeUsageUsdMicros: wholeOrNull(found.native_usage_usd_micros),
    groups: listOf(found.groups).map((group) => ({
      model: textOrNull(group.model),
      reasoningEffort: textOrNull(group.reasoning_effort),
      speed: textOrNull(group.speed),
      estimatedUsageCreditsMicros: wholeOrNull(group.estimated_usage_credits_micros) ?? 0,
      netNewInputTokens: wholeOrNull(group.net_new_input_tokens),
      cachedInputTokens: wholeOrNull(group.cached_input_tokens),
      inputTokens: wholeOrNull(group.input_tokens),
      outputTokens: wholeOrNull(group.output_tokens),
      totalTokens: wholeOrNull(group.total_tokens),
    })),
  };
}
