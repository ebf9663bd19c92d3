/** Reads the login in `$CODEX_HOME/auth.json` (docs/protocol/services.md §4), shared with the official program. */
import fs from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../../errors/message-of.js';
import { osCode } from '../../../errors/os-code.js';
import { isObject } from '../../../system/node/objects.js';

/** A login with an account, as the file has it. */
export interface AccountLogin {
  readonly idToken: string;
  readonly accessToken: string;
  /** Empty: the login cannot be renewed. */
  readonly refreshToken: string;
  /** The workspace; null: the file does not say. */
  readonly accountId: string | null;
  /** Who gave the tokens; null: a program before 0.171 did not write it down. */
  readonly issuer: string | null;
  readonly clientId: string | null;
  /** Names this login among others; null: as `issuer`. */
  readonly ownerId: string | null;
  /** In milliseconds since 1970; null: nobody said. */
  readonly lastRefresh: number | null;
}

/**
 * `unknown`: a login of another program in a form that codexd cannot use; `mode` is the form's name in the file.
 * `problem`: the file exists and does not parse.
 */
export type StoredLogin =
  | { readonly kind: 'none'; readonly problem?: string }
  | { readonly kind: 'apiKey'; readonly key: string }
  | { readonly kind: 'account'; readonly account: AccountLogin }
  | { readonly kind: 'unknown'; readonly mode: string | null };

/** A file that does not parse counts as no login. */
export function readLogin(codexHome: string): StoredLogin {
  let stored: unknown;
  try {
    stored = JSON.parse(fs.readFileSync(authFile(codexHome), 'utf8'));
  } catch (error) {
    if (osCode(error) === 'ENOENT') return { kind: 'none' };
    // The words of a syntax error quote the file, which holds tokens.
    return { kind: 'none', problem: error instanceof SyntaxError ? 'it is no JSON' : messageOf(error) };
  }
  if (!isObject(stored)) return { kind: 'none', problem: 'it holds no JSON object' };
  const { auth_mode: mode, OPENAI_API_KEY: key } = stored;
  const isOfMode = (name: string): boolean => mode === undefined || mode === null || mode === name;
  if (typeof key === 'string' && isOfMode('apikey')) return { kind: 'apiKey', key };
  const account = isOfMode('chatgpt') ? accountOf(stored) : null;
  if (account !== null) return { kind: 'account', account };
  return typeof mode === 'string' || 'tokens' in stored
    ? { kind: 'unknown', mode: typeof mode === 'string' ? mode : null }
    : { kind: 'none' };
}

export const authFile = (codexHome: string): string => path.join(codexHome, 'auth.json');

/** Null: there are no tokens that can be used. */
function accountOf({ tokens, last_refresh: refreshed }: Readonly<Record<string, unknown>>): AccountLogin | null {
  if (!isObject(tokens) || typeof tokens.access_token !== 'string' || typeof tokens.id_token !== 'string') return null;
  const provenance = isObject(tokens.oauth_provenance) ? tokens.oauth_provenance : {};
  const time = typeof refreshed === 'string' ? Date.parse(refreshed) : NaN;
  return {
    idToken: tokens.id_token,
    accessToken: tokens.access_token,
    refreshToken: textOr(tokens.refresh_token) ?? '',
    accountId: textOr(tokens.account_id),
    issuer: textOr(provenance.issuer),
    clientId: textOr(provenance.client_id),
    ownerId: textOr(tokens.login_owner_id),
    lastRefresh: Number.isNaN(time) ? null : time,
  };
}

const textOr = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
