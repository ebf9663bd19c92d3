/**
 * `[[remote_sandbox_config]]`: demands for hosts of certain names. The first section with a pattern that fits this host
 * replaces `allowed_sandbox_modes`; those for other hosts say nothing here.
 */
import os from 'node:os';
import { ConfigError } from '../../errors/config-error.js';
import { isList, isTable } from '../toml/value.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/** The section that counts on this host; null: none does. Types are checked. Throws ConfigError for a bad pattern. */
export function sectionForHost(sections: TomlValue | undefined, host: string = os.hostname()): TomlTable | null {
  if (!isList(sections)) return null;
  const name = host.trim().replace(/\.$/, '').toLowerCase();
  const fitting = sections.filter(isTable).find(({ hostname_patterns: patterns }) => {
    const words = isList(patterns) ? patterns.filter((one) => typeof one === 'string') : [];
    return words.map(matcher).some((fits) => fits(name));
  });
  return fitting ?? null;
}

/** `*` and `?` as in file names, without regard to case. Anything else stands for itself. */
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
