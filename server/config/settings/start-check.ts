/**
 * Whether the configuration can keep the daemon from starting (docs/protocol/config.md §2, "at start").
 *
 * Only an administrator's files, the command line, and one retired value in the user's file can. When none of them is
 * there, nothing has to be parsed before the first client is answered, and start-up does not pay for it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { systemConfigDir } from './codex-home.js';
import type { CommandLineConfig } from '../layers/overrides.js';

export interface StartOptions {
  readonly codexHome: string;
  readonly commandLine: CommandLineConfig;
  readonly strict: boolean;
}

export function startCanFail({ codexHome, commandLine, strict }: StartOptions): boolean {
  const { overrides, enable, disable } = commandLine;
  if (strict || overrides.length + enable.length + disable.length > 0) return true;
  if ((commandLine.profile ?? null) !== null) return true;
  const folder = systemConfigDir();
  return ADMINISTRATORS_FILES.some((name) => fs.existsSync(path.join(folder, name))) || namesRetiredValue(codexHome);
}

const ADMINISTRATORS_FILES = ['requirements.toml', 'managed_config.toml', 'config.toml'];

/** `approval_policy = "untrusted"` ends the start; a file that cannot be read is for the warnings to tell. */
function namesRetiredValue(codexHome: string): boolean {
  try {
    const file = path.join(codexHome, 'config.toml');
    // Opening a pipe would wait for a writer, and with it the whole start.
    const found = fs.statSync(file, { throwIfNoEntry: false });
    return found !== undefined && found.isFile() && fs.readFileSync(file, 'latin1').includes('untrusted');
  } catch {
    return false;
  }
}
