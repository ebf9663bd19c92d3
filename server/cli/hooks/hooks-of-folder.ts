/** The hooks that count in the current folder, for `codexd hooks`. */
import path from 'node:path';
import { problemText } from '../../config/layers/config-problem.js';
import { resolveCodexHome } from '../../config/settings/codex-home.js';
import { createConfigService, type ConfigService } from '../../config/settings/config-service.js';
import { StartError } from '../../errors/start-error.js';
import type { HookSet } from '../../hooks/discover/discover-hooks.js';
import { allHooks } from '../../plugins/all-hooks.js';
import { commandLineConfig } from '../options/app-server-options.js';
import { isGiven, STRICT_CONFIG, type ParsedCommand } from '../options/command-spec.js';

export interface HooksOfFolder {
  readonly source: ConfigService;
  readonly set: HookSet;
}

/** Throws StartError with the place when a file is not valid: then no hook counts. */
export function hooksOfFolder(parsed: ParsedCommand): HooksOfFolder {
  if (isGiven(parsed, STRICT_CONFIG.long))
    throw new StartError('`--strict-config` is not supported for `codexd hooks`');
  const codexHome = path.resolve(resolveCodexHome());
  const source = createConfigService({ codexHome, commandLine: commandLineConfig(parsed) });
  const config = source.resolve(source.sources.cwd);
  if (config.problem !== null) throw new StartError(problemText(config.effective, config.problem).trimEnd());
  return { source, set: allHooks(config) };
}
