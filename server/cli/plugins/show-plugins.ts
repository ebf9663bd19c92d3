/** `codexd plugin list` and `codexd plugin marketplace list`. */
import type { ConfigService } from '../../config/settings/config-service.js';
import { configuredMarkets, marketplaces } from '../../plugins/market/marketplaces.js';
import { pluginSummary } from '../../plugins/market/plugin-summary.js';
import { pluginId } from '../../plugins/plugin-id.js';
import { installedVersion } from '../../plugins/plugin-places.js';
import { effectiveTable, openConfig } from '../mcp/open-servers.js';
import { isGiven, valueOf, type ParsedCommand } from '../options/command-spec.js';
import { print } from '../output/print.js';
import { terminalText } from '../output/terminal-text.js';
import { json, marketSourceJson, marketTable, pluginJson, pluginTables, type ListedMarket } from './plugin-text.js';

export function listPlugins(parsed: ParsedCommand): number {
  const source = openConfig(parsed, 'plugin');
  const wanted = valueOf(parsed, 'marketplace');
  const markets = listedMarkets(source).filter(({ market }) => wanted === null || market.name === wanted);
  if (isGiven(parsed, 'json')) {
    const all = markets.flatMap((one) => one.plugins.map((plugin) => ({ plugin, shown: pluginJson(plugin, one) })));
    const [installed, others] = [true, false].map((is) =>
      all.filter(({ plugin }) => plugin.summary.installed === is).map(({ shown }) => shown),
    );
    show(json({ installed, available: isGiven(parsed, 'available') ? others : [] }));
  } else if (markets.length > 0) show(pluginTables(markets));
  else show(wanted === null ? 'No marketplace plugins found.\n' : `No plugins found in marketplace \`${wanted}\`.\n`);
  return 0;
}

export function listMarketplaces(parsed: ParsedCommand): number {
  const source = openConfig(parsed, 'plugin');
  const { markets, configured } = found(source);
  const rows = markets.map((market) => ({
    name: market.name,
    root: market.root,
    ...(configured.get(market.name) === undefined
      ? {}
      : { marketplaceSource: marketSourceJson(configured.get(market.name)!) }),
  }));
  if (isGiven(parsed, 'json')) show(json({ marketplaces: rows }));
  else if (rows.length === 0) show('No plugin marketplaces in scope.\n');
  else show(marketTable(rows.map(({ name, root }) => [name, root])));
  return 0;
}

/** Those without plugins are left out. Tells of faults on standard error. */
function listedMarkets(source: ConfigService): readonly ListedMarket[] {
  const { codexHome } = source.sources;
  const table = effectiveTable(source);
  const { markets, configured } = found(source);
  return markets
    .map((market): ListedMarket => ({
      market,
      configured: configured.get(market.name) ?? null,
      plugins: market.plugins.flatMap((offered) => {
        const summary = pluginSummary(market, offered, { codexHome, table });
        if (summary === null) return [];
        const version = installedVersion(codexHome, pluginId(offered.name, market.name))?.version ?? null;
        return [{ summary, installedVersion: summary.installed ? version : null }];
      }),
    }))
    .filter(({ plugins }) => plugins.length > 0);
}

function found(source: ConfigService) {
  const { codexHome, cwd } = source.sources;
  const table = effectiveTable(source);
  const { markets, errors } = marketplaces(source, [cwd]);
  for (const { message } of errors) process.stderr.write(`warning: ${terminalText(message, process.stderr)}\n`);
  const configured = new Map(configuredMarkets(table, codexHome).map((one) => [one.name, one]));
  return { markets, configured };
}

const show = (text: string): void => print(terminalText(text, process.stdout));
