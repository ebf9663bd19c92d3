/** Reads the login in `$CODEX_HOME/auth.json` (docs/protocol/services.md §4), shared with the official program. */
import fs from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../../errors/message-of.js';
import { osCode } from '../../../errors/os-code.js';
import { isObject } from '../../../system/node/objects.js';

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

export const authFile = (codexHome: string): string => path.join(codexHome, 'auth.json');
