/** `[windows]`: the sandbox of commands on Windows. */
import { tableAt, type TomlTable } from '../toml/value.js';

export interface WindowsSettings {
  /**
   * `[windows] sandbox`. `elevated`: users that an administrator has set up. `unelevated`: the caller's own token,
   * restricted, for commands with the network itself. `unknown`: another value, `mxc` for example. Null: none is set.
   */
  readonly mode: 'elevated' | 'unelevated' | 'unknown' | null;
  /** `[windows] sandbox_private_desktop`. */
  readonly privateDesktop: boolean;
}

export function windowsSettings(table: TomlTable): WindowsSettings {
  const { sandbox, sandbox_private_desktop: desktop } = tableAt(table, 'windows');
  const known = sandbox === 'elevated' || sandbox === 'unelevated' ? sandbox : 'unknown';
  return { mode: sandbox === undefined ? null : known, privateDesktop: desktop !== false };
}
