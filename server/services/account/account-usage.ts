/** Limits, usage and messages of the account: the services at `chatgpt_base_url` know them. */
import { describe } from '../../errors/describe.js';
import { messageOf } from '../../errors/message-of.js';
import { internalError, invalidRequest } from '../../errors/rpc-error.js';
import { isCodexdError } from '../../errors/codexd-error.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { isObject } from '../../system/node/objects.js';
import { accountState, noAccount, type AccountDeps, type AccountState } from './account-state.js';
import { membersOf, textOrNull } from './answers.js';
import { servicePath } from '../../sessions/account/account-settings.js';
import { messagesOf, rateLimitsOf, threadUsageOf, usageOf } from './usage-answers.js';

export const accountUsageMethods = defineMethods((deps: AccountDeps) => {
  const { account, log } = deps;
  const path = (suffix: string): string => `${servicePath(account.settings().backend)}${suffix}`;
  const needed = (what: string): AccountState & { kind: 'account' } => {
    const state = accountState(deps);
    if (state.kind !== 'account') throw noAccount(state, what);
    return state;
  };
  const get = (suffix: string, what: string) =>
    failing(async () => account.backend.ask({ method: 'GET', path: path(suffix) }), what);
  const post = (suffix: string, body: object, what: string) =>
    failing(async () => account.backend.ask({ method: 'POST', path: path(suffix), body }), what);
  /** What adds to an answer: without it, the answer is complete all the same. */
  const optional = async <T>(work: () => Promise<T>, what: string): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      log.debug(...describe(`${what} are not known`, error));
      return null;
    }
  };
  return {
    'account/rateLimits/read': async (params) => {
      needed('to read rate limits');
      const what = 'failed to fetch codex rate limits';
      const [usage, credits] = await Promise.all([
        get('/usage', what),
        params?.excludeResetCreditDetails === true
          ? null
          : optional(() => get('/rate-limit-reset-credits', what), 'reset credits'),
      ]);
      return rateLimitsOf(usage, credits);
    },
    'account/usage/read': async (params) => {
      const threadId = params?.threadId ?? null;
      needed('to read token usage');
      if (threadId === null) return usageOf(await get('/profiles/me', 'failed to fetch token usage profile'));
      const body = { thread_ids: [threadId] };
      const answer = await post('/usage/thread_usage/query', body, 'failed to fetch thread usage');
      return { ...usageOf({}), threadUsage: threadUsageOf(answer, threadId) };
    },
    'account/workspaceMessages/read': async () => {
      needed('to read workspace messages');
      try {
        const answer = await account.backend.ask({ method: 'GET', path: path('/workspace-messages') });
        return { featureEnabled: true, messages: messagesOf(answer) };
      } catch (error) {
        // A service without this path has no such messages.
        if (isCodexdError(error) && membersOf(error.data).status === 404)
          return { featureEnabled: false, messages: [] };
        throw internalError(`failed to fetch workspace messages: ${messageOf(error)}`);
      }
    },
    'account/sendAddCreditsNudgeEmail': async ({ creditType }) => {
      needed('to notify workspace owner');
      const body = { credit_type: creditType };
      try {
        await account.backend.ask({ method: 'POST', path: path('/accounts/send_add_credits_nudge_email'), body });
        return { status: 'sent' };
      } catch (error) {
        if (isCodexdError(error) && membersOf(error.data).status === 429) return { status: 'cooldown_active' };
        throw internalError(`failed to notify workspace owner: ${messageOf(error)}`);
      }
    },
    'account/rateLimitResetCredit/consume': async ({ idempotencyKey, creditId }) => {
      if (idempotencyKey.trim() === '') throw invalidRequest('idempotencyKey must not be empty');
      if (creditId?.trim() === '') throw invalidRequest('creditId must not be empty');
      needed('for rate limit reset credits');
      const body = { redeem_request_id: idempotencyKey, ...(creditId === null ? {} : { credit_id: creditId }) };
      const what = 'failed to consume rate limit reset';
      const code = membersOf(await post('/rate-limit-reset-credits/consume', body, what)).code;
      const outcome = typeof code === 'string' && Object.hasOwn(OUTCOMES, code) ? OUTCOMES[code] : undefined;
      if (outcome === undefined) throw internalError(`${what}: the service answered with an outcome that is not known`);
      return { outcome };
    },
    'account/securitySetup/read': async () => {
      const state = accountState(deps);
      if (state.kind !== 'account' || state.accountId === null || state.userId === null) return { notice: null };
      const answer = await optional(() => get('/security-setup', 'failed to fetch'), 'security reminders');
      const { notice } = membersOf(answer);
      if (!isObject(notice)) return { notice: null };
      const { title, description, action } = notice;
      const [label, url] = [textOrNull(membersOf(action).label), textOrNull(membersOf(action).url)];
      if (typeof title !== 'string' || typeof description !== 'string' || label === null || url === null)
        return { notice: null };
      const { accountId, userId } = state;
      return { notice: { accountId, userId, title, description, action: { label, url } } };
    },
  };
});

const OUTCOMES: Readonly<Record<string, 'reset' | 'nothingToReset' | 'noCredit' | 'alreadyRedeemed'>> = {
  reset: 'reset',
  nothing_to_reset: 'nothingToReset',
  no_credit: 'noCredit',
  already_redeemed: 'alreadyRedeemed',
};

async function failing(work: () => Promise<unknown>, what: string): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    throw internalError(`${what}: ${messageOf(error)}`);
  }
}
