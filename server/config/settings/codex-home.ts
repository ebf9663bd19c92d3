import { messageOf } from '../../errors/message-of.js';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ConfigError } from '../../errors/config-error.js';
import { machineFolder } from '../../system/files/machine-folder.js';
import { realPath } from '../../system/files/paths.js';
import { osCode } from '../../errors/os-code.js';

/**
 * The Codex home, absolute: `$CODEX_HOME`, which must be a folder, with its links resolved; if it is not set,
 * `~/.codex`, which may be missing. Throws ConfigError with the text for stderr.
 */
export function resolveCodexHome(env: NodeJS.ProcessEnv = process.env): string {
  const asked = env.CODEX_HOME;
  if (asked === undefined || asked === '') return path.join(env.HOME || os.homedir(), '.codex');
  const shown = JSON.stringify(asked);
  let folder: boolean;
  try {
    folder = fs.statSync(asked).isDirectory();
  } catch (error) {
    const missing = osCode(error) === 'ENOENT';
    throw new ConfigError(
      missing
        ? `CODEX_HOME points to ${shown}, but that path does not exist`
        : `CODEX_HOME points to ${shown}, but that path cannot be read: ${messageOf(error)}`,
    );
  }
  if (!folder) throw new ConfigError(`CODEX_HOME points to ${shown}, but that path is not a directory`);
  return realPath(asked);
}

/** The paths by which daemons find their home, links not resolved: `$CODEX_HOME` and `~/.codex`. Absolute. */
export function codexHomeNames(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const asked = env.CODEX_HOME;
  const usual = path.join(env.HOME || os.homedir(), '.codex');
  return asked === undefined || asked === '' ? [usual] : [path.resolve(asked), usual];
}

/**
 * The folder of config.toml, managed_config.toml and requirements.toml for the whole machine, unless
 * `$CODEXD_SYSTEM_CONFIG_DIR` names another one (docs/configuration.md). Absolute.
 */
export function systemConfigDir(env: NodeJS.ProcessEnv = process.env): string {
  return namedSystemDir(env) ?? machineFolder();
}

/** What `$CODEXD_SYSTEM_CONFIG_DIR` names, absolute; null: nothing. A folder that is named is not judged. */
export function namedSystemDir(env: NodeJS.ProcessEnv): string | null {
  const asked = env.CODEXD_SYSTEM_CONFIG_DIR;
  return asked === undefined || asked === '' ? null : path.resolve(asked);
}
