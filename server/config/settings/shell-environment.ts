import { isCoreName, spellingsOf } from '../../system/node/environment-names.js';
import { bareObject } from '../../system/node/objects.js';
import { isList, isTable, tableAt } from '../toml/value.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/** `[shell_environment_policy]` (docs/protocol/exec.md §3). */
export interface ShellEnvironmentPolicy {
  readonly inherit: 'all' | 'core' | 'none';
  readonly ignoreDefaultExcludes: boolean;
  readonly exclude: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly includeOnly: readonly string[];
}

/** Patterns of variables that are left out if `ignore_default_excludes` is false (default: true). */
const DEFAULT_EXCLUDES = ['*KEY*', '*SECRET*', '*TOKEN*'];

/**
 * The environment of a command: `base` (the daemon's environment), filtered by the policy. The variables of a request
 * and of the sandbox are added later by the callers.
 */
export function childEnvironment(
  policy: ShellEnvironmentPolicy,
  base: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const env = bareObject<string>();
  for (const name of policy.inherit === 'none' ? [] : Object.keys(base)) {
    const value = base[name];
    if (value !== undefined && (policy.inherit === 'all' || isCoreName(name))) env[name] = value;
  }
  if (!policy.ignoreDefaultExcludes) remove(env, matcher(DEFAULT_EXCLUDES));
  if (policy.exclude.length > 0) remove(env, matcher(policy.exclude));
  for (const [name, value] of Object.entries(policy.set)) {
    for (const same of spellingsOf(env, name)) delete env[same];
    env[name] = value;
  }
  if (policy.includeOnly.length > 0) {
    const kept = matcher(policy.includeOnly);
    remove(env, (name) => !kept(name));
  }
  return env;
}

/** The policy of an effective configuration, whose types are checked. Missing keys have their defaults. */
export function shellEnvironmentPolicy(config: TomlTable): ShellEnvironmentPolicy {
  const section = tableAt(config, 'shell_environment_policy');
  const { inherit, filters } = section;
  return {
    inherit: inherit === 'core' || inherit === 'none' ? inherit : 'all',
    ignoreDefaultExcludes: section.ignore_default_excludes !== false,
    exclude: [...texts(section.exclude), ...filtered(filters, 'exclude')],
    set: Object.fromEntries(
      Object.entries(tableAt(section, 'set')).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      ),
    ),
    includeOnly: [...texts(section.include_only), ...filtered(filters, 'include')],
  };
}

/** The defaults, for a configuration that cannot be read. Credentials are removed by other code (exec/start). */
export const DEFAULT_SHELL_ENVIRONMENT: ShellEnvironmentPolicy = {
  inherit: 'all',
  ignoreDefaultExcludes: true,
  exclude: [],
  set: {},
  includeOnly: [],
};

function remove(env: Record<string, string>, fits: (name: string) => boolean): void {
  for (const name of Object.keys(env)) if (fits(name)) delete env[name];
}

/** Globs over whole names, case-insensitive: `*` any text, `?` one character, `[…]` a class. */
function matcher(globs: readonly string[]): (name: string) => boolean {
  const patterns = globs.map(globPattern);
  return (name) => patterns.some((pattern) => pattern.test(name));
}

function globPattern(glob: string): RegExp {
  let source = '';
  for (let i = 0; i < glob.length; i++) {
    const char = glob.charAt(i);
    const end = char === '[' ? glob.indexOf(']', i + 2) : -1;
    if (char === '*') source += '.*';
    else if (char === '?') source += '.';
    else if (end > 0) {
      const body = glob
        .slice(i + 1, end)
        .replace(/^!/, '^')
        .replace(/[\\[\]]/g, '\\$&');
      source += `[${body}]`;
      i = end;
    } else source += char.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  }
  try {
    return new RegExp(`^${source}$`, 'is');
  } catch {
    // A class such as [z-a] is not a valid expression: the glob matches only its own text.
    return new RegExp(`^${glob.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`, 'is');
  }
}

const texts = (value: TomlValue | undefined): string[] =>
  isList(value) ? value.filter((item): item is string => typeof item === 'string') : [];

const filtered = (filters: TomlValue | undefined, word: 'include' | 'exclude'): string[] =>
  isTable(filters) ? Object.keys(filters).filter((pattern) => filters[pattern] === word) : [];
