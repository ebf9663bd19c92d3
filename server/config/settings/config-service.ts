/** The configuration of one daemon: reads files, applies the requirements, and remembers what did not change. */
import os from 'node:os';
import path from 'node:path';
import { namedSystemDir, systemConfigDir } from './codex-home.js';
import { machineFileDistrust } from '../../system/files/machine-folder.js';
import { readsTrusted } from '../layers/trusted-files.js';
import { contradiction, createEffectiveConfigReader } from '../layers/effective-config.js';
import { createFileReader } from '../layers/config-file.js';
import { NO_OVERRIDES, sessionFlags } from '../layers/overrides.js';
import { enforceRequirements } from './enforce-requirements.js';
import { pinned } from '../requirements/pins.js';
import { createRequirementsReader } from '../requirements/requirements-reader.js';
import { ConfigError } from '../../errors/config-error.js';
import { resolveConfig, trustLevel, type TrustLevel } from './resolve-config.js';
import type { ConfigProblem, EffectiveConfig } from '../layers/effective-config.js';
import type { FileReader } from '../layers/config-file.js';
import type { LayerSources } from '../layers/load-layers.js';
import type { CommandLineConfig } from '../layers/overrides.js';
import type { Requirements } from '../requirements/requirements.js';
import type { AskedPermissions } from '../permissions/select.js';
import type { SettingsReader } from './command-settings.js';
import type { TomlTable } from '../toml/value.js';
import type { ResolvedConfig } from './resolved-config.js';

export interface ConfigServiceOptions {
  readonly codexHome: string;
  readonly commandLine?: CommandLineConfig;
  /** The daemon's environment and working folder. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Whether unknown keys make the configuration invalid (`--strict-config`). */
  readonly strict?: boolean;
  /** Reads files (default: a new reader, which waits for files that are being saved). */
  readonly read?: FileReader;
  /** Receives warnings for people while the daemon runs: a file lost its text. */
  readonly onWarning?: (text: string) => void;
}

/** The configuration of one thread, in addition to the files. */
export interface ThreadAddition {
  /** Keys with precedence over the session flags. */
  readonly config?: TomlTable | undefined;
  readonly asked?: AskedPermissions | undefined;
}

/** The configuration of one daemon, for commands and for the config/* methods. */
export interface ConfigService extends SettingsReader {
  readonly sources: LayerSources;
  /** The requirements that are enforced now; ConfigError: no valid ones have been read since the start. */
  enforcedRequirements(): Requirements | ConfigError;
  /** `cwd` undefined: without project layers. `thread`: its additions, which are not remembered. */
  resolve(cwd?: string, thread?: ThreadAddition): ResolvedConfig;
  /** Reads requirements.toml again. Throws ConfigError. */
  requirements(): Requirements;
}

/** Makes the service and reads no file yet. Throws ConfigError if the command line is invalid. */
export function createConfigService(options: ConfigServiceOptions): ConfigService {
  const env = options.env ?? process.env;
  const systemDir = systemConfigDir(env);
  const reader =
    options.read ?? createFileReader({ keeps: administrators(systemDir), onWarning: options.onWarning ?? (() => {}) });
  const sources: LayerSources = {
    codexHome: options.codexHome,
    systemDir,
    home: env.HOME || os.homedir(),
    cwd: options.cwd ?? process.cwd(),
    flags: sessionFlags(options.commandLine ?? NO_OVERRIDES),
    profile: options.commandLine?.profile ?? null,
    ignoresUserFile: options.commandLine?.ignoresUserFile ?? false,
    read: namedSystemDir(env) === null ? readsTrusted(reader, systemDir, machineFileDistrust) : reader,
    strict: options.strict ?? false,
    requiredPermissions() {
      const requirements = requirementsReader.lastGood();
      return requirements instanceof ConfigError ? null : requirements.defaultPermissions;
    },
  };
  const effective = createEffectiveConfigReader(sources);
  const requirementsReader = createRequirementsReader(sources);
  const memory = new WeakMap<EffectiveConfig, { readonly trust: TrustLevel; readonly resolved: ResolvedConfig }>();
  const pins = createPinnedConfig();

  function resolve(cwd?: string, thread?: ThreadAddition): ResolvedConfig {
    const requirements = requirementsReader.lastGood();
    const now = pins(effective(cwd, thread?.config), requirements);
    const trust = cwd === undefined ? null : trustLevel(cwd, now, sources);
    if (thread?.asked !== undefined) return resolveConfig(now, requirements, trust, sources, thread.asked);
    const last = memory.get(now);
    if (last?.trust === trust && last.resolved.requirements === requirements) return last.resolved;
    const resolved = resolveConfig(now, requirements, trust, sources);
    memory.set(now, { trust, resolved });
    return resolved;
  }

  return {
    sources,
    resolve,
    requirements: requirementsReader.current,
    enforcedRequirements: requirementsReader.lastGood,
    settings: ({ cwd = sources.cwd } = {}) => resolve(cwd).settings,
    enforce: (asked) =>
      enforceRequirements(asked, {
        requirements: requirementsReader.lastGood(),
        home: sources.home,
        networkAccess: (profile) => resolve(sources.cwd).settings.networkAccess(profile),
      }),
  };
}

/** The configuration with the pinned values of the requirements; the same object as long as neither changes. */
function createPinnedConfig(): (
  effective: EffectiveConfig,
  requirements: Requirements | ConfigError,
) => EffectiveConfig {
  const memory = new WeakMap<
    EffectiveConfig,
    { readonly requirements: Requirements; readonly result: EffectiveConfig }
  >();
  return (effective, requirements) => {
    if (requirements instanceof ConfigError || effective.problem?.kind === 'layers') return effective;
    const known = memory.get(effective);
    if (known?.requirements === requirements) return known.result;
    const table = pinned(effective.table, requirements.table);
    const result =
      table === effective.table ? effective : { ...effective, table, problem: problemWith(effective, table) };
    memory.set(effective, { requirements, result });
    return result;
  };
}

/**
 * A value of the wrong type stays a problem, pinned or not. A contradiction is looked for again in the pinned values.
 */
function problemWith({ problem }: EffectiveConfig, table: TomlTable): ConfigProblem | null {
  if (problem?.kind === 'value') return problem;
  return contradiction(table);
}

/** The administrator's files: if one is removed, its demands stay in force until the daemon ends. */
function administrators(systemDir: string): (file: string) => boolean {
  const files = ['requirements.toml', 'managed_config.toml'].map((name) => path.join(systemDir, name));
  return (file) => files.includes(file);
}
