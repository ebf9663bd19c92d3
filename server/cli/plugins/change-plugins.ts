/** `codexd plugin add`, `codexd plugin remove`, and the changes of marketplaces. */
import type { ConfigService } from '../../config/settings/config-service.js';
import { messageOf } from '../../errors/message-of.js';
import { StartError } from '../../errors/start-error.js';
import { addMarketplace, removeMarketplace, upgradeMarketplaces } from '../../plugins/install/change-marketplaces.js';
import { installPlugin, uninstallPlugin } from '../../plugins/install/install-plugin.js';
import { findPlugin } from '../../plugins/market/find-plugin.js';
import { marketplaces } from '../../plugins/market/marketplaces.js';
import { marketplaceNameFault, pluginId, pluginNameFault, type PluginId } from '../../plugins/plugin-id.js';
import { reinstallUpgraded } from '../../plugins/install/reinstall-upgraded.js';
import { effectiveTable, openConfig } from '../mcp/open-servers.js';
import { isGiven, valueOf, valuesOf, type ParsedCommand } from '../options/command-spec.js';
import { print } from '../output/print.js';
import { json } from './plugin-text.js';

/** Throws StartError, as all of these. */
export async function addPlugin(parsed: ParsedCommand): Promise<number> {
  const { source, id } = selected(parsed);
  const { markets } = marketplaces(source, [source.sources.cwd]);
  const market = markets.find(({ name }) => name === id.marketplace);
  if (market === undefined)
    throw new StartError(`plugin \`${id.name}\` was not found in marketplace \`${id.marketplace}\``);
  const { found, installed } = await orStartError(async () => {
    const plugin = findPlugin(market.file, id.name);
    return { found: plugin, installed: await installPlugin(source, plugin) };
  });
  const { version, root } = installed;
  if (isGiven(parsed, 'json'))
    print(
      json({
        pluginId: id.id,
        name: id.name,
        marketplaceName: id.marketplace,
        version,
        installedPath: root,
        authPolicy: found.offered.authentication,
      }),
    );
  else print(`Added plugin \`${id.name}\` from marketplace \`${id.marketplace}\`.\nInstalled plugin root: ${root}\n`);
  return 0;
}

/** One that is not installed is no error, as in the reference. */
export async function removePlugin(parsed: ParsedCommand): Promise<number> {
  const { source, id } = selected(parsed);
  await orStartError(() => uninstallPlugin(source, id));
  if (isGiven(parsed, 'json')) print(json({ pluginId: id.id, name: id.name, marketplaceName: id.marketplace }));
  else print(`Removed plugin \`${id.name}\` from marketplace \`${id.marketplace}\`.\n`);
  return 0;
}

export async function addMarket(parsed: ParsedCommand): Promise<number> {
  const source = opened(parsed);
  const [given = ''] = parsed.trailing;
  const sparsePaths = valuesOf(parsed, 'sparse');
  const wish = { source: given, refName: valueOf(parsed, 'ref'), sparsePaths: [...sparsePaths] };
  const added = await orStartError(() => addMarketplace(source, wish, process.cwd()));
  const { marketplaceName: name, installedRoot: root, alreadyAdded } = added;
  if (isGiven(parsed, 'json')) print(json(added));
  else {
    const what = alreadyAdded ? `Marketplace \`${name}\` is already added` : `Added marketplace \`${name}\``;
    print(`${what} from ${given.startsWith('.') ? root : given}.\nInstalled marketplace root: ${root}\n`);
  }
  return 0;
}

export async function removeMarket(parsed: ParsedCommand): Promise<number> {
  const [name = ''] = parsed.trailing;
  const removed = await orStartError(() => removeMarketplace(opened(parsed), name));
  if (isGiven(parsed, 'json')) print(json(removed));
  else {
    const root = removed.installedRoot ?? null;
    print(`Removed marketplace \`${name}\`.\n${root === null ? '' : `Removed installed marketplace root: ${root}\n`}`);
  }
  return 0;
}

/** 1 if a marketplace could not be brought up to date. */
export async function upgradeMarkets(parsed: ParsedCommand): Promise<number> {
  const source = opened(parsed);
  const [name = null] = parsed.trailing;
  const { upgraded, ...answer } = await orStartError(() => upgradeMarketplaces(source, name));
  const errors = [...answer.errors, ...(await reinstallUpgraded(source, upgraded))];
  if (isGiven(parsed, 'json')) print(json({ ...answer, errors }));
  else if (answer.selectedMarketplaces.length === 0) print('No configured Git marketplaces to upgrade.\n');
  else {
    for (const { name: one, root } of upgraded) print(`Upgraded marketplace \`${one}\`: ${root}\n`);
    for (const error of errors) process.stderr.write(`error: ${error.marketplaceName}: ${error.message}\n`);
  }
  return errors.length === 0 ? 0 : 1;
}

/** `NAME@MARKETPLACE`, or a name with `--marketplace`. */
function selected(parsed: ParsedCommand): { readonly source: ConfigService; readonly id: PluginId } {
  const [given = ''] = parsed.trailing;
  const wanted = valueOf(parsed, 'marketplace');
  const at = given.indexOf('@');
  const [name, market] = at === -1 ? [given, wanted] : [given.slice(0, at), given.slice(at + 1)];
  if (market === null) throw new StartError('plugin requires --marketplace unless passed as <plugin>@<marketplace>');
  if (wanted !== null && wanted !== market)
    throw new StartError(
      `plugin id \`${given}\` belongs to marketplace \`${market}\`, but --marketplace specified \`${wanted}\``,
    );
  const fault = pluginNameFault(name) ?? marketplaceNameFault(market);
  if (fault !== null) throw new StartError(fault);
  return { source: opened(parsed), id: pluginId(name, market) };
}

/** A file that is not valid is an error before anything changes. */
function opened(parsed: ParsedCommand): ConfigService {
  const source = openConfig(parsed, 'plugin');
  effectiveTable(source);
  return source;
}

async function orStartError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new StartError(messageOf(error));
  }
}
