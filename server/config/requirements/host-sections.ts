/**
 * `[[remote_sandbox_config]]`: sandbox modes for hosts with certain names. The first section with a matching pattern
 * replaces `allowed_sandbox_modes`; sections for other hosts have no effect.
 */
import os from 'node:os';
import { ConfigError } from '../../errors/config-error.js';
import { isList, isTable } from '../toml/value.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/** The section for this host; null: none. The types are checked. Throws ConfigError for an empty pattern. */
export function sectionForHost(sections: TomlValue | undefined, host: string = os.hostname()): TomlTable | null {
  if (!isList(sections)) return null;
  const name = host.trim().replace(/\.$/, '').toLowerCase();
  const fitting = sections.filter(isTable).find(({ hostname_patterns: patterns }) => {
    const words = isList(patterns) ? patterns.filter((one) => typeof one === 'string') : [];
    return words.map(matcher).some((fits) => fits(name));
  });
  return fitting ?? null;
}

/** Matches a pattern with `*` and `?`, as in file names, case-insensitive. Other characters are literal. */
function matcher(pattern: string): (name: string) => boolean {
  if (pattern.trim() === '')
    throw new ConfigError('requirements.toml remote_sandbox_config has an empty hostname pattern', {
      origin: 'requirements',
    });
  const source = [...pattern.trim().replace(/\.$/, '').toLowerCase()]
    .map((char) => (char === '*' ? '.*' : char === '?' ? '.' : char.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')))
    .join('');
  const expression = new RegExp(`^${source.replace(/(?:\.\*)+/g, '.*')}$`, 's');
  return (name) => expression.test(name);
}
