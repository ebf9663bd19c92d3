/** `codexd windows-sandbox-setup`: the users, rules and access lists of the Windows sandbox. */
import type { CommandSpec } from '../options/command-spec.js';

export const WINDOWS_SETUP: CommandSpec = {
  name: 'windows-sandbox-setup',
  about: 'Set up the sandbox of Windows, or take it away',
  details:
    "Makes two users, their firewall rules and their access, tries the walls, and says at which step it failed. It needs an administrator's rights: run it in a terminal of an administrator, or with `--elevate`. It can be repeated. Only on Windows.",
  options: [
    { long: 'remove', help: 'Take away everything that a set-up made, also a half one' },
    {
      long: 'mode',
      value: 'MODE',
      possible: ['elevated', 'unelevated'],
      help: '`elevated` (default): users with rules. `unelevated`: needs no rights, and confines only commands with direct network',
    },
    { long: 'allow-local-binding', help: 'Let commands reach every port of this machine on loopback' },
    { long: 'elevate', help: "Ask for an administrator's rights in a window" },
    { long: 'json', help: 'Print JSON, and do not write config.toml' },
    {
      long: 'cd',
      short: 'C',
      value: 'DIR',
      nonEmpty: true,
      help: 'With `unelevated`: the folder of commands, looked at for files that everyone may write',
    },
    { long: 'codex-home', value: 'DIR', nonEmpty: true, help: 'The Codex home, instead of CODEX_HOME' },
    {
      long: 'profile-folder',
      value: 'DIR',
      nonEmpty: true,
      help: "The person's folder, whose work folders commands may read (default: of this user)",
    },
    { long: 'report', value: 'PIPE', nonEmpty: true, help: 'For `--elevate`, which waits there for the outcome' },
  ],
  run: async (parsed) => (await import('../run/run-windows-setup.js')).windowsSetup(parsed),
};
