/** `codexd mcp`: the MCP servers of config.toml. It has the options of the reference's command. */
import { STRICT_CONFIG, type CommandSpec, type OptionSpec } from '../options/command-spec.js';

const JSON_OUTPUT: OptionSpec = { long: 'json', help: 'Print JSON; values of environment variables are not hidden' };
const named = (help: string) => ({ names: ['NAME'], required: 1, help });

const REGISTRATION: OptionSpec = {
  long: 'oauth-client-registration',
  value: 'AUTO|CIMD|DCR',
  possible: ['auto', 'cimd', 'dcr'],
  help: 'How codexd registers itself for this login; `cimd` is not supported',
};

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
    {
      long: 'permissions',
      value: 'PROFILE',
      help: 'The permission profile under which the program runs; for programs only',
    },
    {
      long: 'oauth-client-id',
      value: 'CLIENT_ID',
      needs: ['url'],
      help: 'The client that is registered for a login with OAuth',
    },
    {
      long: 'oauth-client-secret',
      value: 'CLIENT_SECRET',
      needs: ['oauth-client-id'],
      help: 'The secret of that client',
    },
    REGISTRATION,
    {
      long: 'oauth-resource',
      value: 'RESOURCE',
      needs: ['url'],
      help: 'A further resource to ask a token for, in a login with OAuth',
    },
  ],
  positionals: named('The name: letters, digits and -_:@/.'),
  trailing: { name: 'COMMAND', help: 'The program that is the server, and its arguments' },
  trailingOr: 'url',
  usage: '<NAME> (--url <URL> | -- <COMMAND>...)',
  run: async (parsed) => (await import('../mcp/change-servers.js')).addServer(parsed),
};

export const MCP: CommandSpec = {
  name: 'mcp',
  about: 'List the MCP servers of the configuration, and change them in config.toml',
  options: [],
  subcommands: [
    {
      name: 'list',
      about: 'List the servers',
      details:
        'A server with an address, and without a token or a login, is asked whether it has logins: `Unknown` if it cannot be reached.',
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
    {
      name: 'login',
      about: 'Log in to a server with OAuth',
      details:
        'Prints the address to open in a browser, and waits for five minutes. The tokens are kept in $CODEX_HOME/.credentials.json, readable by you alone, where the official program finds them too.',
      options: [
        { long: 'no-browser', help: 'Read the address that the browser came back to: it runs on another machine' },
        { long: 'scopes', value: 'SCOPE,SCOPE', help: 'What to ask for (default: what the server names)' },
        REGISTRATION,
      ],
      positionals: named('The name of the server'),
      run: async (parsed) => (await import('../mcp/login.js')).loginServer(parsed),
    },
    {
      name: 'logout',
      about: 'Remove the login at a server',
      options: [],
      positionals: named('The name of the server'),
      run: async (parsed) => (await import('../mcp/login.js')).logoutServer(parsed),
    },
  ],
};

/** The reference had this command until 0.130 (docs/protocol/services.md §11). */
export const MCP_SERVER: CommandSpec = {
  name: 'mcp-server',
  about: 'Serve the tools `codex` and `codex-reply` to MCP clients on standard input and output',
  details:
    'Each call is a turn of a session; its approvals are questions to the person at the client. It ends when standard input ends.',
  options: [STRICT_CONFIG],
  run: async (parsed) => (await import('../mcp-server/index.js')).runMcpServer(parsed),
};
