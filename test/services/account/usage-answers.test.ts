import t from 'tap';
import { messagesOf, rateLimitsOf, threadUsageOf, usageOf } from '../../../server/services/account/usage-answers.js';

const window = { used_percent: 12, limit_window_seconds: 18000, reset_after_seconds: 1, reset_at: 1900000000 };

t.test('limits of the service', (t) => {
  const usage = {
    plan_type: 'pro',
    account_id: 'acct-1',
    rate_limit: { allowed: true, limit_reached: false, primary_window: window, secondary_window: null },
    credits: { has_credits: true, unlimited: false, balance: '5' },
    additional_rate_limits: [
      { limit_name: 'Other', metered_feature: 'other', normal_model_slug: 'm', rate_limit: { primary_window: window } },
    ],
    spend_control: {
      reached: true,
      individual_limit: { limit: '100', used: '20', remaining_percent: 80, reset_at: 1900000003 },
    },
    rate_limit_reached_type: { type: 'rate_limit_reached' },
    rate_limit_reset_credits: { available_count: 2 },
    rate_limit_upsell: { a_b: 1 },
  };
  const found = rateLimitsOf(usage, null);
  t.match(found, {
    ordinaryUsageAllowed: null,
    accountId: 'acct-1',
    rateLimitUpsell: { a_b: 1 },
    rateLimitResetCredits: { availableCount: 2, credits: null },
    rateLimits: {
      limitId: 'codex',
      primary: { usedPercent: 12, windowDurationMins: 300, resetsAt: 1900000000 },
      secondary: null,
      credits: { hasCredits: true, unlimited: false, balance: '5' },
      individualLimit: { limit: '100', used: '20', remainingPercent: 80, resetsAt: 1900000003 },
      spendControlReached: true,
      planType: 'pro',
      rateLimitReachedType: 'rate_limit_reached',
    },
    rateLimitsByLimitId: { other: { limitId: 'other', limitName: 'Other', normalModelSlug: 'm', planType: 'pro' } },
  });
  t.strictSame(found.rateLimitsByLimitId?.codex, found.rateLimits);
  const credit = { id: 'c', reset_type: 'codex_rate_limits', status: 'available', granted_at: '2026-01-01T00:00:00Z' };
  t.match(rateLimitsOf(usage, { available_count: 3, credits: [credit, { id: 'without a date' }] }), {
    rateLimitResetCredits: {
      availableCount: 3,
      credits: [{ id: 'c', resetType: 'codexRateLimits', status: 'available', grantedAt: 1767225600, expiresAt: null }],
    },
  });
  t.end();
});

t.test('answers of another kind say nothing, and break nothing', (t) => {
  for (const answer of [null, 'text', [], { rate_limit: 5, credits: 'x', additional_rate_limits: {} }]) {
    t.match(rateLimitsOf(answer, null), {
      rateLimits: { limitId: 'codex', primary: null, credits: null, planType: 'unknown' },
      rateLimitResetCredits: null,
    });
    t.match(usageOf(answer), { summary: { lifetimeTokens: null }, dailyUsageBuckets: null, threadUsage: null });
    t.strictSame(messagesOf(answer), []);
    t.equal(threadUsageOf(answer, 'a'), null);
  }
  t.end();
});

t.test('usage of the account and of a thread, and messages', (t) => {
  const stats = { lifetime_tokens: 100, daily_usage_buckets: [{ start_date: '2026-01-01', tokens: 5 }, { tokens: 1 }] };
  t.match(usageOf({ stats }), {
    summary: { lifetimeTokens: 100, peakDailyTokens: null },
    dailyUsageBuckets: [{ startDate: '2026-01-01', tokens: 5 }],
  });
  const thread = { thread_id: 'a', estimated_usage_credits_micros: 5, groups: [{ model: 'm', input_tokens: 3 }] };
  t.match(threadUsageOf({ threads: [{ thread_id: 'b' }, thread] }, 'a'), {
    threadId: 'a',
    estimatedUsageCreditsMicros: 5,
    estimatedUsageUsdMicros: null,
    groups: [{ model: 'm', inputTokens: 3, estimatedUsageCreditsMicros: 0 }],
  });
  const message = { message_id: 'm', message_type: 'headline', message_body: 'b', created_at: '2026-01-01T00:00:00Z' };
  t.strictSame(messagesOf({ messages: [message, { ...message, message_type: 'x' }, {}] }), [
    { messageId: 'm', messageType: 'headline', messageBody: 'b', createdAt: 1767225600, archivedAt: null },
    { messageId: 'm', messageType: 'unknown', messageBody: 'b', createdAt: 1767225600, archivedAt: null },
  ]);
  t.end();
});
