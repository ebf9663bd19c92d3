import path from 'node:path';
import { ConfigError } from '../settings.js';
import { newTable } from '../toml/value.js';
import { loadRequirements, noRequirements } from './requirements.js';
import type { LayerSources } from '../layers/load.js';
import type { ConfigFile } from '../layers/config-file.js';
import type { Requirements } from './requirements.js';

export interface RequirementsReader {
  /** What the files say now. Throws ConfigError. */
  current(): Requirements;
  /**
   * What commands are held to: what the files say, or, while they cannot be understood, what they said last. The error
   * when they could never be understood: then nothing may run open.
   */
  lastGood(): Requirements | ConfigError;
}

/** Reads requirements.toml and managed_config.toml; while neither has changed, the very same object is answered. */
export function createRequirementsReader(sources: LayerSources): RequirementsReader {
  const requirementsFile = path.join(sources.systemDir, 'requirements.toml');
  const managedFile = path.join(sources.systemDir, 'managed_config.toml');
  let seen: readonly [ConfigFile, ConfigFile] | null = null;
  let answer: Requirements | ConfigError = noRequirements(requirementsFile);
  let good: Requirements | null = null;

  function read(): Requirements | ConfigError {
    const file = sources.read(requirementsFile);
    const managed = sources.read(managedFile);
    if (seen?.[0] === file && seen[1] === managed) return answer;
    seen = [file, managed];
    try {
      answer = loadRequirements(file, 'table' in managed ? managed.table : newTable());
      if (answer.contradiction === null) good = answer;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      answer = error;
    }
    return answer;
  }

  return {
    current() {
      const now = read();
      if (now instanceof ConfigError) throw now;
      return now;
    },
    lastGood() {
      const now = read();
      return now instanceof ConfigError || now.contradiction !== null ? (good ?? now) : now;
    },
  };
}
