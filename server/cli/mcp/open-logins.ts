/** Logins at MCP servers, for `codexd mcp`. */
import { createMcpLogins, type McpLogins } from '../../sessions/mcp/oauth/index.js';
import { oauthSettings } from '../../sessions/mcp/oauth/oauth-settings.js';
import { createOutbound, type Outbound } from '../../sessions/model/endpoint/outbound.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { silentLogger } from '../../log/log.js';
import { effectiveTable } from './open-servers.js';

/** What goes wrong is the outcome of a command, so there is no log. */
export function openLogins(source: ConfigService): McpLogins {
  let outbound: Outbound | null = null;
  return createMcpLogins({
    codexHome: source.sources.codexHome,
    env: process.env,
    outbound: () => (outbound ??= createOutbound(process.env)),
    settings: () => oauthSettings(effectiveTable(source)),
    log: silentLogger,
  });
}
