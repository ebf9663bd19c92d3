import { feature, featureSaid, SETTABLE_FEATURES } from '../shape/features.js';
import { ConfigError } from '../../errors/config-error.js';
import { isTable } from '../toml/value.js';
import type { ConfigService } from './config-service.js';
import type { TomlTable } from '../toml/value.js';

/** Features as they are right now (docs/protocol/config.md §9). */
export interface FeatureSwitches {
  /** Requirements, then configuration, then what was set for this process, then the default. */
  enabled(name: string, config: TomlTable, source: ConfigService): boolean;
  /**
   * Sets features for this process, in memory only. Answers what was applied: names that cannot be set this way are
   * left out.
   */
  set(enablement: Readonly<Record<string, boolean>>): Record<string, boolean>;
}

export function createFeatureSwitches(): FeatureSwitches {
  const chosen = new Map<string, boolean>();
  return {
    enabled(name, config, source) {
      return (
        pinned(name, source) ?? configured(name, config) ?? chosen.get(name) ?? feature(name)?.defaultEnabled ?? false
      );
    },
    set(enablement) {
      const applied: Record<string, boolean> = {};
      for (const name of Object.keys(enablement)) {
        const on = enablement[name];
        if (on === undefined || !SETTABLE_FEATURES.includes(name)) continue;
        chosen.set(name, on);
        applied[name] = on;
      }
      return applied;
    },
  };
}

function pinned(name: string, source: ConfigService): boolean | undefined {
  try {
    return source.requirements().features?.[name];
  } catch (error) {
    if (error instanceof ConfigError) return undefined; // Said by whoever reads the requirements themselves.
    throw error;
  }
}

function configured(name: string, config: TomlTable): boolean | undefined {
  const value = featureSaid(config, name);
  if (typeof value === 'boolean') return value;
  if (!isTable(value)) return undefined;
  return value.enabled === true;
}
