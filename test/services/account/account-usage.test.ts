import t from 'tap';
import { storeApiKey } from '../../../server/sessions/account/auth-file.js';
import { accountUsageMethods } from '../../../server/services/account/account-usage.js';
import { storeLogin } from '../../sessions/account/support.js';
import { stage } from './support.js';

t.test('the service answers for an account, and for nobody else', async (t) => {
  const { deps, home, issuer, caller, context } = await stage(t);
  const methods = accountUsageMethods(deps);
  const at = (suffix: string, answer: { status?: number; body?: unknown }) =>
    issuer.odd.set(`/backend-api/wham/${suffix}`, () => answer);
  const limits = async () =>
    methods['account/rateLimits/read'](
      { supportsLunaReserve: false, excludeResetCreditDetails: true },
      caller,
      context,
    );
  const redeem = async (idempotencyKey: string, creditId: string | null = null) =>
    methods['account/rateLimitResetCredit/consume']({ idempotencyKey, creditId }, caller, context);
  await storeApiKey(home, 'sk-1');
  await t.rejects(limits(), { message: 'chatgpt authentication required to read rate limits' });
  await t.rejects(redeem('k'), { message: 'chatgpt authentication required for rate limit reset credits' });
  storeLogin(issuer, home);
  await t.rejects(limits(), { message: /^failed to fetch codex rate limits: GET .*404 Not Found/ });
  at('usage', { body: { plan_type: 'pro' } });
  t.match(await limits(), { rateLimits: { planType: 'pro' }, rateLimitResetCredits: null });
  t.notOk(issuer.asked.some(({ path }) => path.endsWith('/rate-limit-reset-credits')));
  await t.rejects(redeem(' '), { message: 'idempotencyKey must not be empty' });
  await t.rejects(redeem('k', ''), { message: 'creditId must not be empty' });
  at('rate-limit-reset-credits/consume', { body: { code: 'constructor' } });
  await t.rejects(redeem('k'), { message: /an outcome that is not known/ });
  at('rate-limit-reset-credits/consume', { body: { code: 'already_redeemed' } });
  t.strictSame(await redeem('k'), { outcome: 'alreadyRedeemed' });
  at('accounts/send_add_credits_nudge_email', { status: 429 });
  const nudge = async () => methods['account/sendAddCreditsNudgeEmail']({ creditType: 'credits' }, caller, context);
  t.strictSame(await nudge(), { status: 'cooldown_active' });
  at('accounts/send_add_credits_nudge_email', {});
  t.strictSame(await nudge(), { status: 'sent' });
  const notice = { title: 'T', description: 'D', action: { label: 'L', url: 'https://x/' } };
  at('security-setup', { body: { notice } });
  t.strictSame(await methods['account/securitySetup/read'](undefined as never, caller, context), {
    notice: { accountId: 'acct-1', userId: 'user-1', ...notice },
  });
});
