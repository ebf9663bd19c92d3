/** What becomes of a start that failed, in the words of the official program (docs/protocol/services.md §7 "Start"). */
import type { Opened } from './open-server.js';
import type { McpServerConfig } from './shape/server-config.js';

export interface StartFailure {
  readonly status: 'authenticationRequired' | 'failed';
  /** For clients. */
  readonly text: string;
  readonly reason: 'reauthenticationRequired' | null;
  /** For the log. */
  readonly line: string;
}

export function startFailure(
  { name, startupTimeoutMs }: McpServerConfig,
  { cause, kind }: Pick<Opened & { readonly ok: false }, 'cause' | 'kind'>,
): StartFailure {
  const wantsLogin = kind === 'unauthorized' || kind === 'reauthentication';
  return {
    status: wantsLogin ? 'authenticationRequired' : 'failed',
    text: {
      failed: `MCP client for \`${name}\` failed to start: MCP startup failed: ${cause}`,
      reauthentication: `The ${name} MCP server requires OAuth reauthentication. Run \`codex mcp login ${name}\`.`,
      unauthorized: `The ${name} MCP server is not logged in. Run \`codex mcp login ${name}\`.`,
      timeout: `MCP client for \`${name}\` timed out after ${Math.floor(startupTimeoutMs / 1000)} seconds. Add or adjust \`startup_timeout_sec\` in your config.toml:\n[mcp_servers.${name}]\nstartup_timeout_sec = XX`,
    }[kind],
    reason: kind === 'reauthentication' ? 'reauthenticationRequired' : null,
    line: `MCP server ${name} cannot be used: ${cause}${wantsLogin ? `. Log in: codexd mcp login ${name}` : ''}`,
  };
}
