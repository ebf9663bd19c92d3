/** The methods that say who is logged in (docs/protocol/services.md §4). */
import { isCode } from '../../errors/codexd-error.js';
import { describe } from '../../errors/describe.js';
import { invalidRequest } from '../../errors/rpc-error.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { accountState, needsLogin, type AccountDeps, type AccountState } from './account-state.js';

/** For a renewal that a client asked for, in milliseconds; the renewal itself ends earlier. */
const RENEWAL_MS = 20_000;

export const accountMethods = defineMethods((deps: AccountDeps) => {
  const { source, account, workspaces, log } = deps;
  /** Whether the stored login can still be used. A renewal that fails for the moment is logged. */
  async function renewed(state: AccountState): Promise<boolean> {
    if (state.kind !== 'account' || state.stored === null) return true;
    try {
      await account.stored.renewNow(AbortSignal.timeout(RENEWAL_MS));
      return true;
    } catch (error) {
      log.warn(...describe('the login with the account was not renewed', error));
      return !isCode(error, 'account.ended');
    }
  }
  const isUsable = (state: AccountState): boolean =>
    state.kind !== 'account' || state.stored === null || !account.stored.hasEnded(state.stored);
  return {
    'account/read': async ({ refreshToken }) => {
      if (!needsLogin(source)) return { ...NOBODY, requiresOpenaiAuth: false };
      if (refreshToken) await renewed(accountState(deps));
      const state = accountState(deps);
      if (state.kind === 'none' || !isUsable(state)) return NOBODY;
      if (state.kind === 'apiKey') return { ...NOBODY, account: { type: 'apiKey' } };
      const { email, plan, userId, accountId } = state;
      const workspace = await workspaces.about(accountId);
      return {
        account: { type: 'chatgpt', email, planType: plan, workspaceName: workspace?.name ?? null },
        userId,
        requiresOpenaiAuth: true,
        workspaceRouting: workspace?.routing ?? null,
      };
    },
    getAuthStatus: async ({ includeToken, refreshToken }) => {
      if (!needsLogin(source)) return { authMethod: null, authToken: null, requiresOpenaiAuth: false };
      if (refreshToken === true) await renewed(accountState(deps));
      const state = accountState(deps);
      const token = state.kind === 'apiKey' ? state.key : state.kind === 'account' ? state.accessToken : null;
      return {
        authMethod:
          state.kind === 'none'
            ? null
            : state.kind === 'apiKey'
              ? 'apikey'
              : state.stored === null
                ? 'chatgptAuthTokens'
                : 'chatgpt',
        authToken: includeToken === true && isUsable(state) ? token : null,
        requiresOpenaiAuth: true,
      };
    },
    // codexd supports Amazon Bedrock in no region.
    'account/bedrock/checkGovCloudRequirements': () => ({ isGovCloud: false, shouldWarn: false }),
    'account/bedrock/discover': () => {
      throw invalidRequest(noProvider('Amazon Bedrock'));
    },
    'account/bedrock/setup': () => {
      throw invalidRequest(noProvider('Amazon Bedrock'));
    },
    'account/gcp/setup': () => {
      throw invalidRequest(noProvider('Google Cloud'));
    },
  };
});

const NOBODY = { account: null, userId: null, requiresOpenaiAuth: true, workspaceRouting: null } as const;

const noProvider = (cloud: string): string =>
  `codexd has no provider for ${cloud}: use a gateway that speaks the Responses API or Chat Completions, with \`base_url\` and \`env_key\` in [model_providers]`;
