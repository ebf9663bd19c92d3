/** The model that the command line asks for by the configuration: `-c model=…`, or the profile of `-p`. */
import { resolveCodexHome } from '../../config/settings/codex-home.js';
import { createConfigService } from '../../config/settings/config-service.js';
import { commandLineConfig } from '../options/app-server-options.js';
import type { ParsedCommand } from '../options/command-spec.js';

/**
 * An earlier session keeps its model, whatever config.toml says now. What was said for this run alone counts, as
 * `--model` does. Null: nothing was said.
 */
export function modelOfRun(parsed: ParsedCommand, cwd: string): string | null {
  const commandLine = commandLineConfig(parsed);
  const { layers } = createConfigService({ codexHome: resolveCodexHome(), commandLine, cwd }).resolve(cwd).effective;
  for (const { name, table, disabledReason } of [...layers].reverse()) {
    const ofThisRun = name.type === 'sessionFlags' || (name.type === 'user' && name.profile !== null);
    if (ofThisRun && disabledReason === null && typeof table['model'] === 'string') return table['model'];
  }
  return null;
}
