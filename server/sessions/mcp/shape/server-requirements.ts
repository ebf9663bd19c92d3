/** What the requirements that are enforced now say of MCP servers. */
import type { ConfigService } from '../../../config/settings/config-service.js';
import { isTable, newTable } from '../../../config/toml/value.js';
import { isCodexdError } from '../../../errors/codexd-error.js';
import type { ServerRequirements } from './allowed-servers.js';

/** Requirements that cannot be read allow no server. */
export function serverRequirements(source: Pick<ConfigService, 'enforcedRequirements'>): ServerRequirements {
  const requirements = source.enforcedRequirements();
  if (isCodexdError(requirements)) return newTable();
  const { mcp_servers: servers } = requirements.table;
  if (servers === undefined) return null;
  return isTable(servers) ? servers : newTable();
}
