/** `codexd features`: the switches of `[features]`. It has the options of the reference's command. */
import type { CommandSpec } from '../options/command-spec.js';

const FEATURE = { names: ['FEATURE'], required: 1, help: 'The name of the feature, as `features list` shows it' };

export const FEATURES: CommandSpec = {
  name: 'features',
  about: 'List the features of [features], and switch them',
  options: [],
  subcommands: [
    {
      name: 'list',
      about: 'List the features with their stage, and whether they are on',
      options: [],
      run: async (parsed) => (await import('../run/run-features.js')).listFeatures(parsed),
    },
    {
      name: 'enable',
      about: 'Switch a feature on in config.toml',
      options: [],
      positionals: FEATURE,
      run: async (parsed) => (await import('../run/run-features.js')).switchFeature(parsed, true),
    },
    {
      name: 'disable',
      about: 'Switch a feature off in config.toml',
      options: [],
      positionals: FEATURE,
      run: async (parsed) => (await import('../run/run-features.js')).switchFeature(parsed, false),
    },
  ],
};
