/**
 * The names of what a set-up makes on a machine.
 *
 * Rule: every Codex home has its own users, group and rules. Two people of one machine, or two homes of one person,
 * would otherwise renew each other's passwords, and a command of one could read what the other's may read. The names
 * begin with `codexd` and are never those of the official program.
 * Scope: names of at most 20 characters, which is Windows' limit for users.
 */
import { createHash } from 'node:crypto';
import { key } from '../access-list.js';

export interface SetupNames {
  readonly offline: string;
  readonly online: string;
  readonly group: string;
  /** Begins the names of the firewall's rules. */
  readonly rules: string;
}

/** `codexHome`: absolute; Windows compares it without case. */
export function setupNames(codexHome: string): SetupNames {
  const id = createHash('sha256').update(key(codexHome)).digest('hex').slice(0, 8);
  return { offline: `codexd_off_${id}`, online: `codexd_on_${id}`, group: `codexd_${id}`, rules: `codexd_${id}` };
}
