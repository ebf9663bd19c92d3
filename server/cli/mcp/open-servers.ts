/** The configuration for `codexd mcp` and `codexd plugin`. */
import path from 'node:path';
import { problemText } from '../../config/layers/config-problem.js';
import { resolveCodexHome } from '../../config/settings/codex-home.js';
import { createConfigService, type ConfigService } from '../../config/settings/config-service.js';
import type { TomlTable } from '../../config/toml/value.js';
import { StartError } from '../../errors/start-error.js';
import { commandLineConfig } from '../options/app-server-options.js';
import { isGiven, STRICT_CONFIG, type ParsedCommand } from '../options/command-spec.js';

/** Throws StartError for `--strict-config`, in the reference's words. */
export function openConfig(parsed: ParsedCommand, command = 'mcp'): ConfigService {
  if (isGiven(parsed, STRICT_CONFIG.long)) {
    throw new StartError(`\`--strict-config\` is not supported for \`codexd ${command}\``);
  }
  return createConfigService({ codexHome: path.resolve(resolveCodexHome()), commandLine: commandLineConfig(parsed) });
}

/** All layers together. Throws StartError with the place when a file is not valid. */
export function effectiveTable(source: ConfigService): TomlTable {
  const { effective, problem } = source.resolve(source.sources.cwd);
  if (problem !== null) throw new StartError(problemText(effective, problem).trimEnd());
  return effective.table;
}

export const noSuchServer = (name: string): string => `No MCP server named '${name}' found.`;
