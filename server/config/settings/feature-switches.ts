import { feature, configuredFeature, SETTABLE_FEATURES } from '../shape/features.js';
import { ConfigError } from '../../errors/config-error.js';
import { isTable } from '../toml/value.js';
import type { ConfigService } from './config-service.js';
import type { TomlTable } from '../toml/value.js';

/** The current state of the features (docs/protocol/config.md §9). */
export interface FeatureSwitches {
  /** The first value that is set counts: requirements, configuration, `set` for this process, default. */
  enabled(name: string, config: TomlTable, source: ConfigService): boolean;
  /**
   * Sets features for this process, in memory only. Returns the features that were set; other features cannot be set
   * this way and are left out.
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
    if (error instanceof ConfigError) return undefined; // The callers that need the requirements report the error.
    throw error;
  }
}

function configured(name: string, config: TomlTable): boolean | undefined {
  const value = configuredFeature(config, name);
  if (typeof value === 'boolean') return value;
  if (!isTable(value)) return undefined;
  return value.enabled === true;
}
