/** `codexd plugin`: plugins and the marketplaces that offer them. It has the options of the reference's command. */
import type { CommandSpec, OptionSpec } from '../options/command-spec.js';

const jsonOf = (what: string): OptionSpec => ({ long: 'json', help: `Print ${what} as JSON` });
const MARKETPLACE: OptionSpec = {
  long: 'marketplace',
  short: 'm',
  value: 'MARKETPLACE',
  help: 'The marketplace, if the name of the plugin does not have it',
};
const PLUGIN = {
  names: ['PLUGIN[@MARKETPLACE]'],
  required: 1,
  help: 'PLUGIN@MARKETPLACE, or PLUGIN with --marketplace',
} as const;

const MARKETPLACES: CommandSpec = {
  name: 'marketplace',
  about: 'Add, list, upgrade and remove marketplaces',
  options: [],
  subcommands: [
    {
      name: 'add',
      about: 'Add a marketplace: a folder, or a Git repository',
      details:
        'A folder stays where it is. A repository is cloned into the Codex home; nothing of it runs. Plugins are installed with `codexd plugin add`.',
      options: [
        { long: 'ref', value: 'REF', help: 'The branch, tag or commit; for Git repositories only' },
        {
          long: 'sparse',
          value: 'PATH',
          repeatable: true,
          help: 'A folder to check out, in place of all; for Git repositories only',
        },
        jsonOf('the result'),
      ],
      positionals: {
        names: ['SOURCE'],
        required: 1,
        help: 'A folder (./path), OWNER/REPO[@REF] at GitHub, or an address of Git',
      },
      run: async (parsed) => (await import('../plugins/change-plugins.js')).addMarket(parsed),
    },
    {
      name: 'list',
      about: 'List the marketplaces that count here',
      options: [jsonOf('them')],
      run: async (parsed) => (await import('../plugins/show-plugins.js')).listMarketplaces(parsed),
    },
    {
      name: 'upgrade',
      about: 'Clone Git marketplaces again, and install their plugins again',
      options: [jsonOf('the result')],
      positionals: { names: ['MARKETPLACE_NAME'], help: 'One marketplace (default: all of Git)' },
      run: async (parsed) => (await import('../plugins/change-plugins.js')).upgradeMarkets(parsed),
    },
    {
      name: 'remove',
      about: 'Remove a marketplace; plugins of it that are installed stay',
      options: [jsonOf('the result')],
      positionals: { names: ['MARKETPLACE_NAME'], required: 1, help: 'Its name' },
      run: async (parsed) => (await import('../plugins/change-plugins.js')).removeMarket(parsed),
    },
  ],
};

export const PLUGIN_COMMAND: CommandSpec = {
  name: 'plugin',
  about: 'Install plugins, and choose the marketplaces that offer them',
  options: [],
  subcommands: [
    {
      name: 'add',
      about: 'Install a plugin, and switch it on',
      details:
        'Its files are copied into the Codex home. Its skills and MCP servers count from then on; its hooks run only after `codexd hooks trust`.',
      options: [MARKETPLACE, jsonOf('the result')],
      positionals: PLUGIN,
      run: async (parsed) => (await import('../plugins/change-plugins.js')).addPlugin(parsed),
    },
    {
      name: 'list',
      about: 'List the plugins of all marketplaces',
      options: [
        { ...MARKETPLACE, help: 'Only the plugins of this marketplace' },
        jsonOf('them'),
        { long: 'available', needs: ['json'], help: 'With those that are not installed' },
      ],
      run: async (parsed) => (await import('../plugins/show-plugins.js')).listPlugins(parsed),
    },
    MARKETPLACES,
    {
      name: 'remove',
      about: 'Remove a plugin with its files',
      options: [MARKETPLACE, jsonOf('the result')],
      positionals: PLUGIN,
      run: async (parsed) => (await import('../plugins/change-plugins.js')).removePlugin(parsed),
    },
  ],
};
