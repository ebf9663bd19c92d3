/** `codexd mcp`: the MCP servers of config.toml. It has the options of the reference's command. */
import { STRICT_CONFIG, type CommandSpec, type OptionSpec } from '../options/command-spec.js';

const JSON_OUTPUT: OptionSpec = { long: 'json', help: 'Print JSON; values of environment variables are not hidden' };
const named = (help: string) => ({ names: ['NAME'], required: 1, help });

/** Options for a login with OAuth. */
const oauth = (long: string, value: string): OptionSpec => ({
  long,
  value,
  help: 'For a login with OAuth',
  unsupported: 'codexd does not sign in to MCP servers yet; use --bearer-token-env-var with a token',
});

const ADD: CommandSpec = {
  name: 'add',
  about: 'Add a server to config.toml, or replace the one of this name',
  options: [
    {
      long: 'env',
      value: 'KEY=VALUE',
      repeatable: true,
      check: (value) =>
        /^[^=]*[^=\s][^=]*=/.test(value) ? undefined : 'environment entries must be in KEY=VALUE form',
      help: 'An environment variable of the program; for programs only',
    },
    { long: 'url', value: 'URL', help: 'The address of a streamable HTTP server, in place of a program' },
    {
      long: 'bearer-token-env-var',
      value: 'ENV_VAR',
      needs: ['url'],
      help: 'The environment variable of the daemon that holds a bearer token; for streamable HTTP servers only',
    },
    oauth('oauth-client-id', 'CLIENT_ID'),
    oauth('oauth-client-secret', 'CLIENT_SECRET'),
    oauth('oauth-client-registration', 'AUTO|CIMD|DCR'),
    oauth('oauth-resource', 'RESOURCE'),
  ],
  positionals: named('The name: letters, digits and -_:@/.'),
  trailing: { name: 'COMMAND', help: 'The program that is the server, and its arguments' },
  trailingOr: 'url',
  usage: '<NAME> (--url <URL> | -- <COMMAND>...)',
  run: async (parsed) => (await import('../mcp/change-servers.js')).addServer(parsed),
};

const login = (name: 'login' | 'logout', about: string, options: readonly OptionSpec[]): CommandSpec => ({
  name,
  about: `${about} (not supported yet)`,
  options,
  positionals: named('The name of the server'),
  refuses: true,
  run: async (parsed) => (await import('../mcp/refuse-login.js')).refuseLogin(parsed, name),
});

export const MCP: CommandSpec = {
  name: 'mcp',
  about: 'List the MCP servers of the configuration, and change them in config.toml',
  options: [],
  subcommands: [
    {
      name: 'list',
      about: 'List the servers',
      details:
        'Servers are not contacted: whether one with an address asks for a login is `Unknown` without a token in the configuration.',
      options: [JSON_OUTPUT],
      run: async (parsed) => (await import('../mcp/show-servers.js')).listServers(parsed),
    },
    {
      name: 'get',
      about: 'Show one server',
      options: [JSON_OUTPUT],
      positionals: named('The name of the server'),
      run: async (parsed) => (await import('../mcp/show-servers.js')).showServer(parsed),
    },
    ADD,
    {
      name: 'remove',
      about: 'Remove a server from config.toml',
      options: [],
      positionals: named('The name of the server'),
      run: async (parsed) => (await import('../mcp/change-servers.js')).removeServer(parsed),
    },
    login('login', 'Sign in to a server', [
      { long: 'no-browser', help: 'Open no browser' },
      { long: 'scopes', value: 'SCOPE,SCOPE', help: 'The scopes to ask for' },
      { long: 'oauth-client-registration', value: 'AUTO|CIMD|DCR', help: 'How the client is registered' },
    ]),
    login('logout', 'Remove the login at a server', []),
  ],
};

/** The reference had this command until 0.130 (docs/protocol/services.md §11). */
export const MCP_SERVER: CommandSpec = {
  name: 'mcp-server',
  about: 'Serve the tools `codex` and `codex-reply` to an MCP client on standard input and output',
  details:
    'Each call is a turn of a session; its approvals are questions to the person at the client. It ends when standard input ends.',
  options: [STRICT_CONFIG],
  run: async (parsed) => (await import('../mcp-server/index.js')).runMcpServer(parsed),
};
