import path from 'node:path';
import { ConfigError } from '../../errors/config-error.js';
import { newTable } from '../toml/value.js';
import { loadRequirements, noRequirements } from './requirements.js';
import type { LayerSources } from '../layers/load-layers.js';
import type { ConfigFile } from '../layers/config-file.js';
import type { Requirements } from './requirements.js';

export interface RequirementsReader {
  /** The requirements in the files now. Throws ConfigError. */
  current(): Requirements;
  /**
   * The requirements to enforce: those in the files, or the last valid ones if the files are invalid now. ConfigError
   * (or requirements with a contradiction): there were no valid ones before, so commands must be restricted.
   */
  lastGood(): Requirements | ConfigError;
}

/** Reads requirements.toml and managed_config.toml; returns the same object as long as neither file changes. */
export function createRequirementsReader(sources: LayerSources): RequirementsReader {
  const requirementsFile = path.join(sources.systemDir, 'requirements.toml');
  const managedFile = path.join(sources.systemDir, 'managed_config.toml');
  let seen: readonly [ConfigFile, ConfigFile] | null = null;
  let answer: Requirements | ConfigError = noRequirements(requirementsFile);
  /** The last valid requirements; null: none. "No requirements" does not count as valid ones. */
  let good: Requirements | null = null;
  let managedProblem: ConfigError | null = null;

  function read(): Requirements | ConfigError {
    const file = sources.read(requirementsFile);
    const managed = sources.read(managedFile);
    if (seen?.[0] === file && seen[1] === managed) return answer;
    seen = [file, managed];
    managedProblem = problemOf(managed);
    try {
      answer = loadRequirements(file, 'table' in managed ? managed.table : newTable());
      if (answer.contradiction === null && managedProblem === null) good = answer.present ? answer : null;
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
      if (now instanceof ConfigError || now.contradiction !== null) return good ?? now;
      return managedProblem === null ? now : (good ?? managedProblem);
    },
  };
}

/** managed_config.toml has requirements as well; they are unknown if it cannot be read. */
function problemOf(managed: ConfigFile): ConfigError | null {
  return managed.kind === 'malformed' || managed.kind === 'unreadable'
    ? new ConfigError(`failed to read ${managed.path}: ${managed.message}`, { origin: 'requirements' })
    : null;
}
