/** `codexd hooks`: what the hooks of a folder are, and which may run. */
import type { CommandSpec } from '../options/command-spec.js';

export const HOOKS: CommandSpec = {
  name: 'hooks',
  about: 'Look at the hooks of this folder, and let them run',
  options: [],
  subcommands: [
    {
      name: 'list',
      about: 'List the hooks that are configured for the current folder',
      options: [{ long: 'json', help: 'Print JSON, as `hooks/list` answers' }],
      run: async (parsed) => (await import('../hooks/show-hooks.js')).showHooks(parsed),
    },
    {
      name: 'trust',
      about: 'Look at hooks that do not run yet, and say yes to them',
      details:
        'A yes is for the text that is shown; after a change it has to be said again. It is written to config.toml, where the official program finds it, too.',
      options: [
        { long: 'yes', short: 'y', help: 'Say yes without being asked' },
        { long: 'revoke', help: 'Take the yes back', conflicts: ['yes'] },
      ],
      positionals: { names: ['KEY'], help: 'One hook, by the key that `list` shows (default: all of them)' },
      run: async (parsed) => (await import('../hooks/trust-hooks.js')).trustHooks(parsed),
    },
  ],
};
