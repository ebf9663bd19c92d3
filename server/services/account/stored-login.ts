/**
 * Writes and removes the login in `$CODEX_HOME/auth.json` (docs/protocol/services.md §4), shared with the official
 * program. sessions/model/provider/read-login.ts reads it.
 *
 * Threat: a program that reads the file has the user's key.
 *
 * Rule: the file has mode 0600 from its first byte on, and replaces the old file in one step.
 *
 * Scope: this file.
 *
 * Non-scope: hiding the file from commands (sandbox/policy/codex-home-view.ts).
 */
import fs from 'node:fs';
import { osCode } from '../../errors/os-code.js';
import { authFile } from '../../sessions/model/provider/read-login.js';
import { writeFileAtomically } from '../../system/files/replace-file.js';

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
