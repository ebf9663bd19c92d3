/**
 * `--oss`: a model of this machine. codexd asks the server before anything else. A server that does not run, or lacks
 * the model, is an error at once that says what to do.
 */
import type { TomlTable } from '../../config/toml/value.js';
import type { ModelRequirements } from '../../config/requirements/model-requirements.js';
import { localServer } from '../../sessions/model/provider/local-servers.js';
import { providerSettings } from '../../sessions/model/provider/provider-settings.js';
import { isServed, servedModels } from '../../sessions/model/served-models.js';
import { resolveCodexHome } from '../../config/settings/codex-home.js';
import { createConfigService } from '../../config/settings/config-service.js';
import { commandLineConfig } from '../options/app-server-options.js';
import type { ParsedCommand } from '../options/command-spec.js';
import { execError } from './exec-error.js';
import type { ExecOptions } from './exec-options.js';

export interface LocalModelWanted {
  /** `--local-provider`. Null: `oss_provider` of the configuration, otherwise Ollama. */
  readonly provider: string | null;
  /** `--model`. Null: the configured model when the server has it, otherwise the first model of the server. */
  readonly model: string | null;
  readonly table: TomlTable;
  readonly codexHome: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly modelRequirements: () => ModelRequirements;
}

export interface LocalModel {
  readonly provider: string;
  readonly model: string;
}

/** Throws `cli.exec` when the provider is unknown, no server listens, or the server lacks the model. */
export async function findLocalModel(wanted: LocalModelWanted): Promise<LocalModel> {
  const { table, codexHome, env, modelRequirements } = wanted;
  const { oss_provider: configured } = table;
  const provider = wanted.provider ?? (typeof configured === 'string' ? configured : 'ollama');
  const settings = providerSettings(table, provider, env);
  if (settings === null) {
    throw execError(
      `\`oss_provider = "${provider}"\`: there is no such model provider. Use \`ollama\`, \`lmstudio\`, or the name of a [model_providers] table.`,
    );
  }
  const served = await servedModels({ settings, codexHome, env, modelRequirements }).catch((error: Error) => {
    throw execError(`${settings.name} cannot be asked: ${error.message}`);
  });
  const pull = localServer(provider)?.pull ?? null;
  if (served.length === 0) {
    const how = pull === null ? '' : ` Get one: \`${pull(SUGGESTED[provider] ?? 'gpt-oss:20b')}\`.`;
    throw execError(`${settings.name} at ${settings.baseUrl} has no model.${how}`);
  }
  if (wanted.model === null) {
    const usual = typeof table.model === 'string' && isServed(table.model, served) ? table.model : served[0]!;
    return { provider, model: usual };
  }
  if (isServed(wanted.model, served)) return { provider, model: wanted.model };
  const how = pull === null ? '' : ` Get it: \`${pull(wanted.model)}\`.`;
  throw execError(
    `${settings.name} at ${settings.baseUrl} has no model \`${wanted.model}\`.${how} It has: ${served.join(', ')}`,
  );
}

const SUGGESTED: Readonly<Record<string, string>> = { ollama: 'gpt-oss:20b', lmstudio: 'openai/gpt-oss-20b' };

/** With `--oss`: the provider, and for a new session the model. Throws `cli.exec`. */
export async function withLocalModel(
  options: ExecOptions,
  isNew: boolean,
  parsed: ParsedCommand,
): Promise<ExecOptions> {
  const { local, cwd, model: asked } = options;
  if (local === null || cwd === null) return options;
  const codexHome = resolveCodexHome();
  const source = createConfigService({ codexHome, commandLine: commandLineConfig(parsed), cwd });
  const { provider, model } = await findLocalModel({
    provider: local.provider,
    model: asked,
    table: source.resolve(cwd).effective.table,
    codexHome,
    env: process.env,
    modelRequirements: () => source.settings().modelRequirements,
  });
  return {
    ...options,
    // A resumed session keeps its model.
    model: isNew ? model : asked,
    serverFlags: [...options.serverFlags, '--config', `model_provider=${JSON.stringify(provider)}`],
  };
}
