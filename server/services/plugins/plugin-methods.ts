/**
 * Plugins and marketplaces of folders and of Git (docs/protocol/services.md §10). vendor-catalogue.ts has the answers
 * about the vendor's own.
 */
import type { PluginSummary } from '../../../schema/protocol/services/plugin.js';
import type { RequestParams, RequestResult } from '../../../schema/registry.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { invalidRequest } from '../../errors/rpc-error.js';
import { findPlugin } from '../../plugins/market/find-plugin.js';
import type { Marketplace } from '../../plugins/market/market-file.js';
import { marketplaces } from '../../plugins/market/marketplaces.js';
import { pluginDetail, pluginSummary } from '../../plugins/market/plugin-summary.js';
import { addMarketplace, removeMarketplace, upgradeMarketplaces } from '../../plugins/install/change-marketplaces.js';
import { installPlugin, uninstallPlugin } from '../../plugins/install/install-plugin.js';
import { readPluginId } from '../../plugins/plugin-id.js';
import { readManifest } from '../../plugins/plugin-manifest.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import type { Outbox } from '../../sessions/live/outbox.js';
import { searchPlugins } from './plugin-search.js';
import { noCatalogue } from './vendor-catalogue.js';
import { reinstallUpgraded } from '../../plugins/install/reinstall-upgraded.js';

export interface PluginDeps {
  readonly source: ConfigService;
  readonly outbox: Pick<Outbox, 'broadcast'>;
  /** Loaded threads take over the plugins that there are now. */
  readonly reloadThreads: () => void;
}

export const pluginMethods = defineMethods(({ source, outbox, reloadThreads }: PluginDeps) => {
  /** After the answer: skills, servers and hooks are others now. */
  const changed = (): void => {
    reloadThreads();
    outbox.broadcast('skills/changed', {});
  };
  return {
    'marketplace/add': (params) => addMarketplace(source, params, source.sources.cwd),
    'marketplace/remove': ({ marketplaceName }) => removeMarketplace(source, marketplaceName),
    'marketplace/upgrade': async ({ marketplaceName }, _caller, { afterAnswer }) => {
      const { upgraded, errors, ...rest } = await upgradeMarketplaces(source, marketplaceName ?? null);
      const failed = await reinstallUpgraded(source, upgraded);
      if (upgraded.length > 0) afterAnswer(changed);
      return { ...rest, errors: [...errors, ...failed] };
    },
    'plugin/list': (params) => listPlugins(source, params),
    'plugin/installed': (params) => installedPlugins(source, params),
    'plugin/search': (params) => searchPlugins(source, params),
    'plugin/read': (params) => readPlugin(source, params),
    'plugin/install': async (params, _caller, { afterAnswer }) => {
      const file = localFile('install', 'read remote plugin details before install', params);
      const found = findPlugin(file, params.pluginName);
      await installPlugin(source, found);
      afterAnswer(changed);
      return { authPolicy: found.offered.authentication, appsNeedingAuth: [] };
    },
    'plugin/uninstall': async ({ pluginId }, _caller, { afterAnswer }) => {
      const id = readPluginId(pluginId);
      if (id === null) {
        if (!/^[A-Za-z0-9_~-]+$/.test(pluginId)) throw invalidRequest('invalid remote plugin id');
        throw noCatalogue('resolve remote plugin before uninstall');
      }
      await uninstallPlugin(source, id);
      afterAnswer(changed);
      return {};
    },
    // Plugins of the vendor's service alone are brought up to date so, and codexd has none.
    'plugin/reconcile': () => ({
      changedPlugins: [],
      failedRemotePluginIds: [],
      failedMaterializationRemotePluginIds: [],
    }),
  };
});

type Entry = RequestResult<'plugin/list'>['marketplaces'][number];

function listPlugins(
  source: ConfigService,
  { cwds, marketplaceKinds }: RequestParams<'plugin/list'>,
): RequestResult<'plugin/list'> {
  const kinds = marketplaceKinds ?? ['local'];
  if (kinds.some((kind) => kind !== 'local' && kind !== 'vertical')) throw noCatalogue('list remote plugin catalog');
  const { markets, errors } = kinds.includes('local') ? marketplaces(source, cwds ?? []) : { markets: [], errors: [] };
  return {
    marketplaces: markets
      .map((market) => entryOf(source, market, () => true))
      .filter(({ plugins }) => plugins.length > 0),
    marketplaceLoadErrors: [...errors],
    featuredPluginIds: [],
  };
}

function installedPlugins(
  source: ConfigService,
  { cwds, installSuggestionPluginNames }: RequestParams<'plugin/installed'>,
): RequestResult<'plugin/installed'> {
  const { markets, errors } = marketplaces(source, cwds ?? []);
  const wanted = new Set(installSuggestionPluginNames ?? []);
  const entries = markets.map((market) =>
    entryOf(source, market, ({ installed, name }) => installed || wanted.has(name)),
  );
  return { marketplaces: entries.filter(({ plugins }) => plugins.length > 0), marketplaceLoadErrors: [...errors] };
}

function entryOf(source: ConfigService, market: Marketplace, keep: (plugin: PluginSummary) => boolean): Entry {
  const { name, file, displayName } = market;
  return {
    name,
    path: file,
    interface: displayName === null ? null : { displayName },
    plugins: market.plugins.flatMap((offered) => {
      const summary = pluginSummary(market, offered, placeOf(source));
      return summary !== null && keep(summary) ? [summary] : [];
    }),
  };
}

function readPlugin(source: ConfigService, params: RequestParams<'plugin/read'>): RequestResult<'plugin/read'> {
  const file = localFile('read', 'read remote plugin details', params);
  const { market, offered } = findPlugin(file, params.pluginName);
  const place = placeOf(source);
  const summary = pluginSummary(market, offered, place);
  if (summary === null)
    throw invalidRequest(`plugin \`${params.pluginName}\` was not found in marketplace \`${market.name}\``);
  if (offered.source.type !== 'local') return { plugin: pluginDetail(market, summary, null, null, place) };
  const { path: root } = offered.source;
  const read = readManifest(root);
  if ('manifest' in read) return { plugin: pluginDetail(market, summary, read.manifest, root, place) };
  throw invalidRequest(
    'fault' in read ? `missing or invalid plugin.json: ${read.fault}` : 'path does not exist or is not a directory',
  );
}

const placeOf = (source: ConfigService) => ({
  codexHome: source.sources.codexHome,
  table: source.resolve().effective.table,
});

/** Throws RpcError: exactly one of the two kinds of marketplaces, and not the vendor's. */
function localFile(
  verb: 'read' | 'install',
  remoteStep: string,
  {
    marketplacePath,
    remoteMarketplaceName,
  }: Pick<RequestParams<'plugin/read'>, 'marketplacePath' | 'remoteMarketplaceName'>,
): string {
  const [file, remote] = [marketplacePath ?? null, remoteMarketplaceName ?? null];
  if ((file === null) === (remote === null))
    throw invalidRequest(`plugin/${verb} requires exactly one of marketplacePath or remoteMarketplaceName`);
  if (file === null) throw noCatalogue(remoteStep);
  return file;
}
