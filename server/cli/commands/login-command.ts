/**
 * `codexd login`, `login status` and `logout`: the login of this Codex home, as the reference's commands of these
 * names.
 */
import type { CommandSpec } from '../options/command-spec.js';

const STATUS: CommandSpec = {
  name: 'status',
  about: 'Say whether a login is stored. Exit code 0: one that codexd can use',
  options: [],
  run: async (parsed) => (await import('../run/run-login.js')).loginStatus(parsed),
};

export const LOGIN: CommandSpec = {
  name: 'login',
  about: 'Sign in with an account, or store an API key, for providers that want a login',
  details:
    'Without options it prints an address for a browser on this machine. The login is kept in $CODEX_HOME/auth.json, readable by you alone, where the official program finds it too. A provider with `env_key` in config.toml needs no login.',
  options: [
    {
      long: 'with-api-key',
      help: 'Read the API key from standard input',
      conflicts: ['device-auth', 'with-access-token'],
    },
    { long: 'with-access-token', help: 'Read an access token from standard input', conflicts: ['device-auth'] },
    { long: 'device-auth', help: 'Sign in with a code, in a browser on any machine' },
    { long: 'experimental_issuer', value: 'URL', help: 'The issuer in place of the configured one' },
    { long: 'experimental_client-id', value: 'CLIENT_ID', help: 'The id of this program at the issuer' },
    {
      long: 'api-key',
      value: 'KEY',
      help: '',
      unsupported:
        'a key on the command line is seen by everybody; pipe it: printenv OPENAI_API_KEY | codexd login --with-api-key',
    },
  ],
  subcommands: [STATUS],
  run: async (parsed) => (await import('../run/run-login.js')).login(parsed),
};

export const LOGOUT: CommandSpec = {
  name: 'logout',
  about: 'Remove the stored login, and take tokens of an account back at their issuer',
  options: [],
  run: async (parsed) => (await import('../run/run-login.js')).logout(parsed),
};
