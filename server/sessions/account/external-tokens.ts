/**
 * A login whose tokens a client brings, and renews when it is asked. Nothing of it is on disk.
 *
 * Rule: the client that brought the tokens is asked for new ones, and no other. It is asked once at a time.
 */
import { CodexdError } from '../../errors/codexd-error.js';
import { RpcError } from '../../errors/rpc-error.js';
import { messageOf } from '../../errors/message-of.js';
import { untilAborted } from '../../system/node/until-aborted.js';
import type { PlanType } from '../../../schema/protocol/services/account.js';
import type { Caller } from '../../rpc/connection/caller.js';
import { claimsOf, planOf } from './claims.js';
import type { AccountGrant } from '../model/provider/credentials.js';

export interface ExternalLogin extends AccountGrant {
  readonly accountId: string;
  readonly plan: PlanType;
  readonly email: string | null;
  readonly userId: string | null;
}

/** What a client brings. */
export interface BroughtTokens {
  readonly accessToken: string;
  readonly chatgptAccountId: string;
  readonly chatgptPlanType: string | null;
}

export interface ExternalTokens {
  /** Null: no client has brought any. */
  login(): ExternalLogin | null;
  /** Throws `account.login`. `check`: whether the workspace may be used; throws as well. */
  set(tokens: BroughtTokens, client: Pick<Caller, 'request' | 'closed'>): void;
  clear(): boolean;
  /** After a refusal of these tokens. Throws `account.login`. Null: nothing better. */
  after(refused: string, signal: AbortSignal): Promise<ExternalLogin | null>;
}

/** How long a client may take for new tokens, in milliseconds; as the official program has it. */
const PATIENCE_MS = 10_000;

export function createExternalTokens(check: (accountId: string) => void): ExternalTokens {
  let held: { readonly login: ExternalLogin; readonly client: Pick<Caller, 'request' | 'closed'> } | null = null;
  let asking: Promise<void> | null = null;

  const set: ExternalTokens['set'] = (tokens, client) => {
    const claims = claimsOf(tokens.accessToken);
    if (claims === null) throw new CodexdError('account.login', 'invalid ID token format');
    check(tokens.chatgptAccountId);
    const { accessToken, chatgptAccountId: accountId, chatgptPlanType: plan } = tokens;
    const { email, userId } = claims;
    held = {
      login: { accessToken, accountId, email, userId, plan: plan === null ? claims.plan : planOf(plan) },
      client,
    };
  };

  async function ask(): Promise<void> {
    if (held === null) return;
    const before = held;
    const late = AbortSignal.timeout(PATIENCE_MS);
    try {
      const params = { reason: 'unauthorized', previousAccountId: before.login.accountId } as const;
      const tokens = await before.client.request('account/chatgptAuthTokens/refresh', params, { signal: late });
      // A login or a logout that came meanwhile stays.
      if (held === before) set({ ...tokens, chatgptPlanType: tokens.chatgptPlanType ?? null }, before.client);
    } catch (error) {
      const why = late.aborted
        ? `auth refresh request timed out after ${PATIENCE_MS / 1000}s`
        : before.client.closed.aborted
          ? 'the client that brought the tokens has gone: sign in again'
          : `auth refresh request failed: ${reasonOf(error)}`;
      throw new CodexdError('account.login', why, { cause: error });
    }
  }

  return {
    login: () => held?.login ?? null,
    set,
    clear() {
      const was = held !== null;
      held = null;
      return was;
    },
    async after(refused, signal) {
      if (held === null) return null;
      if (held.login.accessToken === refused) {
        asking ??= ask().finally(() => (asking = null));
        asking.catch(() => undefined);
        await untilAborted(asking, signal);
      }
      const { login } = held ?? {};
      return login === undefined || login.accessToken === refused ? null : login;
    },
  };
}

/** A client's own words may quote a token: its code is enough. */
const reasonOf = (error: unknown): string => (error instanceof RpcError ? `code=${error.rpcCode}` : messageOf(error));
