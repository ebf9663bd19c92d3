/**
 * The login in `$CODEX_HOME/auth.json` (docs/protocol/services.md §4), shared with the official program.
 *
 * Threat: whoever reads the file has the user's key.
 *
 * Rule: the file has mode 0600 from its first byte on, and replaces the old file in one step.
 *
 * Scope: this file.
 *
 * Non-scope: hiding the file from commands (sandbox/policy/codex-home-view.ts).
 */
import fs from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../errors/message-of.js';
import { osCode } from '../../errors/os-code.js';
import { writeFileAtomically } from '../../system/files/replace-file.js';
import { isObject } from '../../system/node/objects.js';

/**
 * `unknown`: a login of another program in a form that codexd cannot use; `mode` is the form's name in the file.
 * `problem`: the file exists and does not parse.
 */
export type StoredLogin =
  | { readonly kind: 'none'; readonly problem?: string }
  | { readonly kind: 'apiKey'; readonly key: string }
  | { readonly kind: 'unknown'; readonly mode: string | null };

/** A file that does not parse counts as no login. */
export function readLogin(codexHome: string): StoredLogin {
  let stored: unknown;
  try {
    stored = JSON.parse(fs.readFileSync(authFile(codexHome), 'utf8'));
  } catch (error) {
    return osCode(error) === 'ENOENT' ? { kind: 'none' } : { kind: 'none', problem: messageOf(error) };
  }
  if (!isObject(stored)) return { kind: 'none', problem: 'it holds no JSON object' };
  const { auth_mode: mode, OPENAI_API_KEY: key } = stored;
  if (typeof key === 'string' && (mode === undefined || mode === null || mode === 'apikey')) {
    return { kind: 'apiKey', key };
  }
  return typeof mode === 'string' || 'tokens' in stored
    ? { kind: 'unknown', mode: typeof mode === 'string' ? mode : null }
    : { kind: 'none' };
}

/** Replaces any earlier login. Throws the file system's error. */
export function storeApiKey(codexHome: string, key: string): void {
  writeFileAtomically(authFile(codexHome), JSON.stringify({ auth_mode: 'apikey', OPENAI_API_KEY: key }, null, 2));
}

/** Removes also a file that does not parse. Returns whether a file existed. Throws the file system's error. */
export function removeLogin(codexHome: string): boolean {
  try {
    fs.unlinkSync(authFile(codexHome));
    return true;
  } catch (error) {
    if (osCode(error) === 'ENOENT') return false;
    throw error;
  }
}

const authFile = (codexHome: string): string => path.join(codexHome, 'auth.json');
