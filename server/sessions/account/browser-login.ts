/** A login with a browser on this machine: PKCE, and a callback on the loopback interface (docs/guide/sign-in.md). */
import { randomBytes } from 'node:crypto';
import { CodexdError, isCode } from '../../errors/codexd-error.js';
import { untilAborted } from '../../system/node/until-aborted.js';
import { listenForCallback, type CallbackListener } from '../mcp/oauth/callback-listener.js';
import type { Outbound } from '../model/endpoint/outbound.js';
import type { AccountSettings } from './account-settings.js';
import { authorizationAt, SCOPES } from './issuer.js';
import { storeGrant, type PendingLogin } from './new-login.js';

export interface LoginOptions {
  readonly codexHome: string;
  readonly outbound: Outbound;
  readonly settings: AccountSettings;
  /** Names the client to the issuer. */
  readonly originator: string;
  /** Its abort ends the login; its reason is the reason. */
  readonly gone: AbortSignal;
}

export interface BrowserLogin extends PendingLogin {
  /** For the person's browser. */
  readonly authUrl: string;
  readonly port: number;
}

/** For the person, in milliseconds. */
const PATIENCE_MS = 10 * 60_000;
const STATE_BYTES = 32;
/** The vendor accepts no other ports. */
const PORTS: readonly number[] = [1455, 1457];
const PATH = '/auth/callback';

/** Throws `account.login`, or the reason of `gone`. */
export async function startBrowserLogin(options: LoginOptions): Promise<BrowserLogin> {
  const { outbound, settings, originator, gone } = options;
  const authorization = await authorizationAt(outbound, settings, gone);
  const state = randomBytes(STATE_BYTES).toString('base64url');
  const listener = await listenOn(state, settings.isVendors ? PORTS : [...PORTS, null]);
  try {
    const redirectUrl = `http://127.0.0.1:${listener.port}${PATH}`;
    const client = { id: settings.clientId, secret: null };
    const { url, verifier } = await authorization.request({ client, redirectUrl, scopes: SCOPES, state, also: null });
    // The person is asked for consent only where the issuer wants it.
    url.searchParams.delete('prompt');
    url.searchParams.set('id_token_add_organizations', 'true');
    url.searchParams.set('codex_cli_simplified_flow', 'true');
    url.searchParams.set('originator', originator);
    if (settings.workspaces !== null) url.searchParams.set('allowed_workspace_id', settings.workspaces.join(','));
    gone.throwIfAborted();
    const finish = async (): Promise<void> => {
      try {
        const code = await codeFrom(listener, gone);
        const grant = await authorization.exchange({ client, redirectUrl, code, verifier, issuer: null });
        gone.throwIfAborted();
        await storeGrant(options.codexHome, settings, grant);
      } finally {
        await listener.close();
      }
    };
    return { authUrl: url.href, port: listener.port, done: finish() };
  } catch (error) {
    await listener.close();
    throw error;
  }
}

async function codeFrom({ answer }: CallbackListener, gone: AbortSignal): Promise<string> {
  const late = AbortSignal.timeout(PATIENCE_MS);
  const come = await untilAborted(answer, AbortSignal.any([gone, late])).catch((error: unknown) => {
    throw late.aborted && !gone.aborted ? new CodexdError('account.login', 'Login timed out') : error;
  });
  if (come.ok) return come.code;
  throw new CodexdError('account.login', come.denied === null ? come.reason : `Sign-in failed: ${come.denied}`);
}

/** Null: a free port. Throws `account.login` when none can be used. */
async function listenOn(state: string, ports: readonly (number | null)[]): Promise<CallbackListener> {
  for (const port of ports) {
    try {
      return await listenForCallback({ port, path: PATH, state, foreign: 'ignored' });
    } catch (error) {
      if (!isCode(error, 'mcp.login')) throw error;
    }
  }
  throw new CodexdError(
    'account.login',
    `ports ${PORTS.join(' and ')} of 127.0.0.1, to which the browser comes back, are in use: end the other login, or use a device code`,
  );
}
