/**
 * plugin/search: the plugins of local marketplaces whose name or title has the words (docs/protocol/services.md §10).
 */
import type { RequestParams, RequestResult } from '../../../schema/registry.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { marketplaces } from '../../plugins/market/marketplaces.js';
import { pluginSummary } from '../../plugins/market/plugin-summary.js';

type Results = RequestResult<'plugin/search'>;

/** Names that begin with the words come first. One page has all. */
export function searchPlugins(
  source: ConfigService,
  { searchTerm, scope, cwds, cursor }: RequestParams<'plugin/search'>,
): Results {
  const words = searchTerm.trim().toLowerCase();
  // The other scopes are the vendor's catalogue, which is empty without a login there. A page behind the first is
  // empty.
  if (words === '' || (cursor ?? null) !== null || (scope ?? 'personal') !== 'personal')
    return { data: [], nextCursor: null };
  const place = { codexHome: source.sources.codexHome, table: source.resolve().effective.table };
  const found = marketplaces(source, cwds ?? []).markets.flatMap((market) =>
    market.plugins.flatMap((offered) => {
      const plugin = pluginSummary(market, offered, place);
      const rank = plugin === null ? null : rankOf([plugin.name, plugin.interface?.displayName ?? ''], words);
      return plugin === null || rank === null
        ? []
        : [{ rank, result: { plugin, marketplaceName: market.name, marketplacePath: market.file } }];
    }),
  );
  const sorted = found.sort((a, b) => a.rank - b.rank || (a.result.plugin.id < b.result.plugin.id ? -1 : 1));
  return { data: sorted.map(({ result }) => result), nextCursor: null };
}

/** Null: no text has the words. */
function rankOf(texts: readonly string[], words: string): number | null {
  const lower = texts.map((text) => text.toLowerCase());
  if (lower.some((text) => text.startsWith(words))) return 0;
  return lower.some((text) => text.includes(words)) ? 1 : null;
}
