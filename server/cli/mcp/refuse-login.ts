/** `codexd mcp login` and `codexd mcp logout`, which codexd does not have yet. */
import { isTable, tableAt } from '../../config/toml/value.js';
import { StartError } from '../../errors/start-error.js';
import type { ParsedCommand } from '../options/command-spec.js';
import { effectiveTable, noSuchServer, openConfig } from './open-servers.js';

/** Throws StartError with the reason: the server's, if it has one, since that stays when codexd has the command. */
export function refuseLogin(parsed: ParsedCommand, command: 'login' | 'logout'): never {
  const [name = ''] = parsed.trailing;
  const server = tableAt(effectiveTable(openConfig(parsed)), 'mcp_servers')[name];
  if (!isTable(server)) {
    throw new StartError(
      command === 'login' ? noSuchServer(name) : `No MCP server named '${name}' found in configuration.`,
    );
  }
  if (typeof server.url !== 'string') {
    throw new StartError(
      command === 'login'
        ? 'OAuth login is only supported for streamable HTTP servers.'
        : 'OAuth logout is only supported for streamable_http transports.',
    );
  }
  throw new StartError(
    `codexd does not sign in to MCP servers yet, so there is no \`codexd mcp ${command}\`. Set \`bearer_token_env_var\` of '${name}' to the name of a variable with a token.`,
  );
}
