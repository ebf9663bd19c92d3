/** The login as a session with workspaces, and the change to another workspace (docs/protocol/services.md §4). */
import type { AccountSessionsResponse } from '../../../schema/protocol/services/account.js';
import { isCodexdError } from '../../errors/codexd-error.js';
import { describe } from '../../errors/describe.js';
import { messageOf } from '../../errors/message-of.js';
import { internalError, invalidRequest } from '../../errors/rpc-error.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { STATUS_CODES } from 'node:http';
import { replaceTokens, whileRenewing } from '../../sessions/account/auth-file.js';
import { checkWorkspace } from '../../sessions/account/new-login.js';
import type { AccountLogin } from '../../sessions/model/provider/read-login.js';
import { accountState, announce, type AccountDeps, type AccountState } from './account-state.js';
import { membersOf, textOrNull } from './answers.js';
import type { Workspace } from './workspaces.js';

/** A login that this program has stored. */
type Managed = AccountState & { readonly kind: 'account' } & { readonly stored: AccountLogin };

export const accountSessionMethods = defineMethods((deps: AccountDeps) => {
  const { codexHome, account, workspaces, log } = deps;
  const managed = (): Managed | null => {
    const state = accountState(deps);
    return state.kind === 'account' && state.stored !== null ? { ...state, stored: state.stored } : null;
  };
  const read = async (): Promise<readonly Workspace[]> => {
    try {
      return await workspaces.read();
    } catch (error) {
      log.warn(...describe('the workspaces of the account cannot be listed', error));
      throw internalError('Failed to fetch workspace metadata');
    }
  };
  return {
    'accountSession/list': async ({ refreshWorkspaceMetadata }) => {
      const state = managed();
      return state === null ? NONE : listOf(state, refreshWorkspaceMetadata ? await read() : null);
    },
    'accountSession/switch': async ({ sessionId, accountId }, _caller, { afterAnswer }) => {
      const state = managed();
      if (state === null || sessionId !== idOf(state))
        throw invalidRequest('Only the active managed account session can be switched');
      if (account.logins.isWaiting())
        throw invalidRequest('Finish or cancel the current login before switching workspaces');
      if (accountId === state.accountId) return listOf(state, null);
      const found = (await read()).find((workspace) => workspace.accountId === accountId);
      if (found === undefined) throw invalidRequest('The selected workspace is unavailable');
      if (!found.isOpen)
        throw invalidRequest('The selected workspace requires a new sign-in: account/login/start of type chatgpt');
      await switchTo(deps, codexHome, state.stored, accountId);
      afterAnswer(() => announce(deps));
      const now = managed();
      return now === null ? NONE : listOf(now, null);
    },
  };
});

const NONE: AccountSessionsResponse = { activeSessionId: null, sessions: [] };

const idOf = ({ stored, userId, accountId }: Managed): string => stored.ownerId ?? userId ?? accountId ?? 'account';

function listOf(state: Managed, workspaces: readonly Workspace[] | null): AccountSessionsResponse {
  const { stored, email, userId, accountId } = state;
  const selected = accountId === null ? [] : [{ accountId, name: null, imageUrl: null, kind: null }];
  const sessionId = idOf(state);
  return {
    activeSessionId: sessionId,
    sessions: [
      {
        sessionId,
        email,
        userId,
        displayName: null,
        imageUrl: null,
        lastUsedAt: Math.floor((stored.lastRefresh ?? 0) / 1000),
        isActive: true,
        selectedWorkspaceAccountId: accountId,
        workspaces:
          workspaces?.map(({ accountId: id, name, imageUrl, kind }) => ({ accountId: id, name, imageUrl, kind })) ??
          selected,
      },
    ],
  };
}

/** Throws RpcError. */
async function switchTo(
  { account }: AccountDeps,
  codexHome: string,
  login: AccountLogin,
  accountId: string,
): Promise<void> {
  try {
    checkWorkspace(account.settings(), accountId);
  } catch (error) {
    throw invalidRequest(messageOf(error));
  }
  let answer: unknown;
  try {
    const body = { workspace_id: accountId };
    const question = { method: 'POST', path: '/accounts/switch-workspace-token', body } as const;
    answer = await account.backend.ask({ ...question, withoutWorkspace: true });
  } catch (error) {
    const { status } = membersOf(isCodexdError(error) ? error.data : null);
    if (typeof status === 'number' && status >= 400 && status < 500)
      throw invalidRequest(`Workspace switch was rejected (HTTP ${status} ${STATUS_CODES[status] ?? ''})`);
    throw internalError(`Workspace switch failed: ${messageOf(error)}`);
  }
  const accessToken = textOrNull(membersOf(answer).access_token);
  if (accessToken === null) throw internalError('Workspace switch failed: the service gave no access token');
  const idToken = textOrNull(membersOf(answer).id_token) ?? login.idToken;
  // The question may have renewed the tokens.
  const kept = await whileRenewing(codexHome, () =>
    replaceTokens(codexHome, login, { ...login, accessToken, idToken, accountId, lastRefresh: Date.now() }),
  );
  if (!kept) throw internalError('Authentication changed during workspace switching');
}
