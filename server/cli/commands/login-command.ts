/**
 * `codexd login`, `login status` and `logout`: the login of this Codex home, as the reference's commands of these
 * names.
 */
import { isGiven, type CommandSpec } from '../options/command-spec.js';

const STATUS: CommandSpec = {
  name: 'status',
  about: 'Say whether a login is stored. Exit code 0: one that codexd can use',
  options: [],
  run: async (parsed) => (await import('../run/run-login.js')).loginStatus(parsed),
};

export const LOGIN: CommandSpec = {
  name: 'login',
  about: 'Store an API key, for providers that want a login',
  details:
    'The key is kept in $CODEX_HOME/auth.json, readable by you alone, where the official program finds it too. A provider with `env_key` in config.toml needs no login.',
  options: [
    { long: 'with-api-key', help: 'Read the API key from standard input' },
    {
      long: 'with-access-token',
      help: '',
      unsupported: 'such tokens are for services of OpenAI that it does not speak to; store an API key: --with-api-key',
    },
    {
      long: 'device-auth',
      help: '',
      unsupported: 'it cannot sign in with an account; store an API key: --with-api-key',
    },
    {
      long: 'api-key',
      value: 'KEY',
      help: '',
      unsupported:
        'a key on the command line is seen by everybody; pipe it: printenv OPENAI_API_KEY | codexd login --with-api-key',
    },
  ],
  subcommands: [STATUS],
  run: async (parsed) => (await import('../run/run-login.js')).login(parsed, isGiven(parsed, 'with-api-key')),
};

export const LOGOUT: CommandSpec = {
  name: 'logout',
  about: 'Remove the stored login',
  options: [],
  run: async () => (await import('../run/run-login.js')).logout(),
};
