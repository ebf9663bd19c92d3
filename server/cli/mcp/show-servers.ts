/** `codexd mcp list` and `codexd mcp get`. */
import { StartError } from '../../errors/start-error.js';
import { mcpServerConfigs } from '../../sessions/mcp/shape/server-config.js';
import { isGiven, type ParsedCommand } from '../options/command-spec.js';
import { print } from '../output/print.js';
import { terminalText } from '../output/terminal-text.js';
import { openLogins } from './open-logins.js';
import { effectiveTable, noSuchServer, openConfig } from './open-servers.js';
import { listJson, serverJson, serverTables, serverText } from './report-text.js';
import { serverReports } from './server-report.js';

/** Asks all servers at once whether they have logins, where nothing here says it. */
export async function listServers(parsed: ParsedCommand): Promise<number> {
  const source = openConfig(parsed);
  const table = effectiveTable(source);
  const logins = openLogins(source);
  const configs = new Map(mcpServerConfigs(table).map((config) => [config.name, config]));
  const reports = await Promise.all(
    serverReports(table).map(async (report) => {
      const config = configs.get(report.name);
      return { ...report, auth: config === undefined ? ('unknown' as const) : await logins.status(config) };
    }),
  );
  if (isGiven(parsed, 'json')) show(listJson(reports));
  else if (reports.length > 0) show(serverTables(reports));
  else show('No MCP servers configured yet. Try `codexd mcp add my-tool -- my-command`.\n');
  return 0;
}

/** Throws StartError when no server has the name. */
export function showServer(parsed: ParsedCommand): number {
  const [name = ''] = parsed.trailing;
  const report = serverReports(effectiveTable(openConfig(parsed))).find((server) => server.name === name);
  if (report === undefined) throw new StartError(noSuchServer(name));
  show(isGiven(parsed, 'json') ? serverJson(report) : serverText(report));
  return 0;
}

const show = (text: string): void => print(terminalText(text, process.stdout));
