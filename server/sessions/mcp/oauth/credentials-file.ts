/**
 * `$CODEX_HOME/.credentials.json`: the tokens of logins at MCP servers, shared with the official program
 * (docs/protocol/services.md §7, "OAuth").
 *
 * Threat: a program that reads the file acts as the person; two writers at the same time lose a token that the
 * authorization server gives out once.
 *
 * Rule: the file has mode 0600 from its first byte on and is replaced in one step. Who writes holds the official
 * program's lock, and changes one entry of the newest text; entries and members that codexd does not know stay.
 *
 * Scope: this file. Non-scope: hiding it from commands (sandbox/policy/codex-home-view.ts), and who refreshes
 * (access-tokens.ts).
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { CodexdError } from '../../../errors/codexd-error.js';
import { messageOf } from '../../../errors/message-of.js';
import { osCode } from '../../../errors/os-code.js';
import { closeBase, openBase, replaceFile } from '../../../system/files/replace-file.js';
import { isObject } from '../../../system/node/objects.js';
import { withFileLock } from '../../../system/files/with-file-lock.js';
import { makeFolderForUser } from '../../../system/files/private-files.js';

/** The login at one server. */
export interface StoredLogin {
  readonly serverName: string;
  readonly serverUrl: string;
  /** The authorization server that gave the tokens; null: an older program did not write it down. */
  readonly issuer: string | null;
  readonly clientId: string;
  readonly accessToken: string;
  /** In milliseconds since 1970; null: nobody said. */
  readonly expiresAt: number | null;
  /** Null: there is none, or the authorization server has taken it back. */
  readonly refreshToken: string | null;
  /** What was granted. */
  readonly scopes: readonly string[];
}

/** A server, as the file names it. */
export interface ServerId {
  readonly name: string;
  readonly url: string;
}

/** `NAME|` and the first 16 hexadecimal digits of a SHA-256 of what the server is. */
export function credentialsKey({ name, url }: ServerId): string {
  const server = JSON.stringify({ type: 'http', url, headers: {} });
  return `${name}|${sha256(server).slice(0, 16)}`;
}

/** Null: there is none. Throws `mcp.credentials` when the file cannot be read. */
export function readStoredLogin(codexHome: string, server: ServerId): StoredLogin | null {
  const file = credentialsFile(codexHome);
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (osCode(error) === 'ENOENT') return null;
    throw unusable(file, messageOf(error), error);
  }
  return loginOf(entriesOf(text, file)[credentialsKey(server)]);
}

/**
 * Replaces the login at a server; null removes it. Returns whether there was one. Throws `mcp.credentials`,
 * `machine.contended`, or what the file system throws; the file is unchanged then.
 */
export function changeStoredLogin(codexHome: string, server: ServerId, login: StoredLogin | null): Promise<boolean> {
  return withFileLock(lockOf(codexHome, 'file-store'), () => {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found = tryChange(codexHome, credentialsKey(server), login);
      if (found !== null) return found;
    }
    throw new CodexdError('machine.contended', `${credentialsFile(codexHome)} is being changed by somebody else`);
  });
}

/** How often a change is repeated because a program without the lock was faster. */
const MAX_TRIES = 20;

/** Only one holder at a time, of all threads and daemons of the home and of the official program, gets new tokens. */
export function whileRefreshing<T>(codexHome: string, server: ServerId, work: () => Promise<T>): Promise<T> {
  return withFileLock(lockOf(codexHome, sha256(credentialsKey(server))), work);
}

/** Null: the file changed meanwhile. */
function tryChange(codexHome: string, key: string, login: StoredLogin | null): boolean | null {
  const file = credentialsFile(codexHome);
  const base = openBase(file, codexHome);
  try {
    const entries = entriesOf(base.text, file);
    const before = entries[key];
    const { [key]: _, ...others } = entries;
    if (login === null && before === undefined) return false;
    const after =
      login === null ? others : { ...entries, [key]: { ...(isObject(before) ? before : {}), ...wire(login) } };
    return replaceFile(base, JSON.stringify(after), () => true) ? before !== undefined : null;
  } finally {
    closeBase(base);
  }
}

const credentialsFile = (codexHome: string): string => path.join(codexHome, '.credentials.json');

function lockOf(codexHome: string, name: string): string {
  const folder = path.join(codexHome, 'mcp-oauth-locks');
  makeFolderForUser(folder);
  return path.join(folder, `${name}.lock`);
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** An empty file has no entries. */
function entriesOf(text: string, file: string): Readonly<Record<string, unknown>> {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The error's own words quote the file, which holds tokens.
    throw unusable(file, 'it is no JSON', error);
  }
  if (!isObject(value)) throw unusable(file, 'it holds no JSON object', null);
  return value;
}

const unusable = (file: string, why: string, cause: unknown): CodexdError =>
  new CodexdError(
    'mcp.credentials',
    `${file} cannot be used (${why}): correct it, or remove it and log in again`,
    why === 'it is no JSON' ? {} : { cause },
  );

/** Null: what is there is no login. */
function loginOf(entry: unknown): StoredLogin | null {
  if (!isObject(entry)) return null;
  const { server_name, server_url, issuer, client_id, access_token, expires_at, refresh_token, scopes } = entry;
  if (typeof access_token !== 'string' || typeof client_id !== 'string') return null;
  return {
    serverName: textOr(server_name, ''),
    serverUrl: textOr(server_url, ''),
    issuer: textOr(issuer, null),
    clientId: client_id,
    accessToken: access_token,
    expiresAt: typeof expires_at === 'number' ? expires_at : null,
    refreshToken: textOr(refresh_token, null),
    scopes: Array.isArray(scopes) ? scopes.filter((scope): scope is string => typeof scope === 'string') : [],
  };
}

const textOr = <T>(value: unknown, otherwise: T): string | T => (typeof value === 'string' ? value : otherwise);

const wire = (login: StoredLogin) => ({
  server_name: login.serverName,
  server_url: login.serverUrl,
  ...(login.issuer === null ? {} : { issuer: login.issuer }),
  client_id: login.clientId,
  access_token: login.accessToken,
  expires_at: login.expiresAt,
  refresh_token: login.refreshToken,
  scopes: login.scopes,
});
