/** `[windows]`: the sandbox of commands on Windows. */
import { implementationRefusal } from '../requirements/windows-implementations.js';
import type { Requirements } from '../requirements/requirements.js';
import { tableAt, type TomlTable } from '../toml/value.js';

export interface WindowsSettings {
  /**
   * `[windows] sandbox`. `elevated`: users that an administrator has set up. `unelevated`: the caller's own token,
   * restricted, for commands with the network itself. `unknown`: another value, `mxc` for example. Null: none is set.
   */
  readonly mode: 'elevated' | 'unelevated' | 'unknown' | null;
  /** Why the requirements do not allow the mode. Absent: they do. */
  readonly refused?: string;
  /** `[windows] sandbox_private_desktop`. */
  readonly privateDesktop: boolean;
}

/** `requirements`: of the administrator; without them nothing is refused. */
export function windowsSettings(table: TomlTable, requirements?: Requirements): WindowsSettings {
  const { sandbox, sandbox_private_desktop: desktop } = tableAt(table, 'windows');
  const privateDesktop = desktop !== false;
  if (sandbox === undefined) return { mode: null, privateDesktop };
  const mode = sandbox === 'elevated' || sandbox === 'unelevated' ? sandbox : 'unknown';
  const name = typeof sandbox === 'string' ? sandbox : mode;
  const refused = requirements === undefined ? null : implementationRefusal(name, requirements);
  return refused === null ? { mode, privateDesktop } : { mode, privateDesktop, refused };
}
