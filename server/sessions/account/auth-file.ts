/**
 * Writes and removes the login in `$CODEX_HOME/auth.json` (docs/protocol/services.md §4), shared with the official
 * program. model/provider/read-login.ts reads it.
 *
 * Threat: a program that reads the file acts as the person. Two writers at the same time lose a refresh token that the
 * issuer gives out once.
 *
 * Rule: the file has mode 0600 from its first byte on, and replaces the old file in one step. Who writes holds
 * `auth.json.lock`; who gets new tokens holds `auth.lock`, too. Both are the official program's locks.
 *
 * Scope: this file. Non-scope: hiding the file from commands (sandbox/policy/codex-home-view.ts).
 */
import fs from 'node:fs';
import path from 'node:path';
import { osCode } from '../../errors/os-code.js';
import { writeFileAtomically } from '../../system/files/replace-file.js';
import { withFileLock } from '../../system/files/with-file-lock.js';
import { isObject } from '../../system/node/objects.js';
import { authFile, readLogin, type AccountLogin } from '../model/provider/read-login.js';

/** Only one holder at a time, of all daemons of the home and of the official program, gets new tokens. */
export const whileRenewing = <T>(codexHome: string, work: () => Promise<T>): Promise<T> =>
  withFileLock(lockOf(codexHome, 'auth.lock'), work);

/** Replaces any earlier login. Throws the file system's error, or `machine.contended`. */
export const storeApiKey = (codexHome: string, key: string): Promise<void> =>
  whileWriting(codexHome, () => write(codexHome, { auth_mode: 'apikey', OPENAI_API_KEY: key }));

/** Replaces any earlier login. Throws as `storeApiKey`. */
export const storeAccount = (codexHome: string, login: AccountLogin): Promise<void> =>
  whileWriting(codexHome, () =>
    write(codexHome, { auth_mode: 'chatgpt', OPENAI_API_KEY: null, ...members({}, login) }),
  );

/**
 * Replaces the tokens of a login. False: another login is there meanwhile, and stays. Members that codexd does not know
 * stay. Throws as `storeApiKey`.
 */
export const replaceTokens = (codexHome: string, before: AccountLogin, login: AccountLogin): Promise<boolean> =>
  whileWriting(codexHome, () => {
    const now = readLogin(codexHome);
    if (now.kind !== 'account' || now.account.refreshToken !== before.refreshToken) return false;
    const raw: unknown = JSON.parse(fs.readFileSync(authFile(codexHome), 'utf8'));
    const kept = isObject(raw) ? raw : {};
    write(codexHome, { ...kept, ...members(isObject(kept.tokens) ? kept.tokens : {}, login) });
    return true;
  });

/** Removes also a file that does not parse. Returns whether a file existed. Throws as `storeApiKey`. */
export const removeLogin = (codexHome: string): Promise<boolean> =>
  whileWriting(codexHome, () => {
    try {
      fs.unlinkSync(authFile(codexHome));
      return true;
    } catch (error) {
      if (osCode(error) === 'ENOENT') return false;
      throw error;
    }
  });

const whileWriting = <T>(codexHome: string, work: () => T): Promise<T> =>
  withFileLock(lockOf(codexHome, 'auth.json.lock'), work);

const lockOf = (codexHome: string, name: string): string => path.join(codexHome, name);

const write = (codexHome: string, content: object): void =>
  writeFileAtomically(authFile(codexHome), JSON.stringify(content, null, 2));

function members(tokens: Readonly<Record<string, unknown>>, login: AccountLogin) {
  const { issuer, clientId, ownerId, accountId } = login;
  return {
    tokens: {
      ...tokens,
      id_token: login.idToken,
      access_token: login.accessToken,
      refresh_token: login.refreshToken,
      ...(issuer === null || clientId === null ? {} : { oauth_provenance: { issuer, client_id: clientId } }),
      ...(ownerId === null ? {} : { login_owner_id: ownerId }),
      account_id: accountId,
    },
    last_refresh: new Date(login.lastRefresh ?? Date.now()).toISOString(),
  };
}
