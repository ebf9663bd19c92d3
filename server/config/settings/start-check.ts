/**
 * Whether the configuration can prevent the daemon's start (docs/protocol/config.md §2, "at start").
 *
 * Only the administrator's files, the command line, and one retired value in the user's file can. Without them the
 * daemon parses no configuration before it answers the first client, so it starts faster.
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

/** `approval_policy = "untrusted"` prevents the start. A file that cannot be read causes a warning later. */
function namesRetiredValue(codexHome: string): boolean {
  try {
    const file = path.join(codexHome, 'config.toml');
    // Opening a FIFO would block the start until a writer opens it.
    const found = fs.statSync(file, { throwIfNoEntry: false });
    return found !== undefined && found.isFile() && fs.readFileSync(file, 'latin1').includes('untrusted');
  } catch {
    return false;
  }
}
