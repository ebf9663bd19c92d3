/** Text and JSON about plugins, line by line as the reference prints them (docs/protocol/services.md §10). */
import type { PluginSource, PluginSummary } from '../../../schema/protocol/services/plugin.js';
import type { ConfiguredMarket } from '../../plugins/market/marketplaces.js';
import type { Marketplace } from '../../plugins/market/market-file.js';

export interface ListedMarket {
  readonly market: Marketplace;
  readonly plugins: readonly ListedPlugin[];
  /** Null: it is found in a folder, and not configured. */
  readonly configured: ConfiguredMarket | null;
}

export interface ListedPlugin {
  readonly summary: PluginSummary;
  /** Null: it is not installed. */
  readonly installedVersion: string | null;
}

export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

export const pluginTables = (markets: readonly ListedMarket[]): string =>
  markets
    .map(({ market, plugins }) =>
      [
        `Marketplace \`${market.name}\`\n${market.file}\n`,
        columns([
          ['PLUGIN', 'STATUS', 'VERSION', 'SOURCE'],
          ...plugins.map(({ summary, installedVersion }) => [
            summary.id,
            statusOf(summary),
            installedVersion ?? '',
            sourceText(summary.source),
          ]),
        ]),
      ].join('\n'),
    )
    .join('\n');

export const marketTable = (rows: readonly (readonly [name: string, root: string])[]): string =>
  columns([['MARKETPLACE', 'ROOT'], ...rows]);

function statusOf({ installed, enabled }: PluginSummary): string {
  if (!installed) return 'not installed';
  return enabled ? 'installed, enabled' : 'installed, disabled';
}

function sourceText(source: PluginSource): string {
  switch (source.type) {
    case 'local':
      return source.path;
    case 'git':
      return [source.url, named('path', source.path), named('ref', source.refName), named('sha', source.sha)].join('');
    case 'npm':
      return [source.package, named('version', source.version), named('registry', source.registry)].join('');
    case 'remote':
      return 'remote';
  }
}

const named = (word: string, value: string | null | undefined): string =>
  value === null || value === undefined ? '' : `, ${word} \`${value}\``;

export function pluginJson(
  { summary, installedVersion }: ListedPlugin,
  { market, configured }: Pick<ListedMarket, 'market' | 'configured'>,
): Record<string, unknown> {
  return {
    pluginId: summary.id,
    name: summary.name,
    marketplaceName: market.name,
    version: installedVersion ?? summary.localVersion ?? null,
    installed: summary.installed,
    enabled: summary.enabled,
    source: sourceJson(summary.source),
    ...(configured === null ? {} : { marketplaceSource: marketSourceJson(configured) }),
    installPolicy: summary.installPolicy,
    authPolicy: summary.authPolicy,
  };
}

export const marketSourceJson = ({ kind, source }: ConfiguredMarket) => ({ sourceType: kind, source });

function sourceJson(source: PluginSource): Record<string, unknown> {
  switch (source.type) {
    case 'local':
      return { source: 'local', path: source.path };
    case 'git':
      return {
        source: source.path === null || source.path === undefined ? 'git' : 'git-subdir',
        url: source.url,
        ...given('path', source.path),
        ...given('ref', source.refName),
        ...given('sha', source.sha),
      };
    case 'npm':
      return {
        source: 'npm',
        package: source.package,
        ...given('version', source.version),
        ...given('registry', source.registry),
      };
    case 'remote':
      return { source: 'remote' };
  }
}

const given = (key: string, value: string | null | undefined): Record<string, string> =>
  value === null || value === undefined ? {} : { [key]: value };

/** The last column is as long as it is. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((cells) => [...(cells[at] ?? '')].length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (at === cells.length - 1 ? cell : cell + ' '.repeat((widths[at] ?? 0) - [...cell].length)))
      .join('  ');
  return rows.map((cells) => `${line(cells)}\n`).join('');
}
