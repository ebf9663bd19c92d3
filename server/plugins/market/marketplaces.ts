/**
 * The marketplaces that count (docs/protocol/services.md §10 "Marketplaces"), in the order in which they are listed.
 */
import fs from 'node:fs';
import path from 'node:path';
import { findProjectRoot, markers } from '../../config/layers/project-layers.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { isTable, tableAt, type TomlTable } from '../../config/toml/value.js';
import { marketplaceNameFault } from '../plugin-id.js';
import { marketFolder } from '../plugin-places.js';
import { marketIn, type Marketplace } from './market-file.js';

/** `[marketplaces.NAME]`. */
export interface ConfiguredMarket {
  readonly name: string;
  readonly kind: 'local' | 'git';
  readonly source: string;
  readonly ref: string | null;
  readonly sparsePaths: readonly string[];
  /** The folder of its files. */
  readonly root: string;
}

export interface MarketsFound {
  readonly markets: readonly Marketplace[];
  readonly errors: readonly { readonly marketplacePath: string; readonly message: string }[];
}

/** By name. Entries that cannot be meant are left out. */
export function configuredMarkets(table: TomlTable, codexHome: string): readonly ConfiguredMarket[] {
  const entries = tableAt(table, 'marketplaces');
  return Object.keys(entries).flatMap((name): ConfiguredMarket[] => {
    const entry = entries[name];
    if (!isTable(entry) || marketplaceNameFault(name) !== null) return [];
    const { source_type: kind, source, ref, sparse_paths: sparse } = entry;
    if (typeof source !== 'string') return [];
    const common = {
      name,
      source,
      ref: typeof ref === 'string' ? ref : null,
      sparsePaths: Array.isArray(sparse) ? sparse.filter((one): one is string => typeof one === 'string') : [],
    };
    if (kind === 'git') return [{ ...common, kind, root: marketFolder(codexHome, name) }];
    return path.isAbsolute(source) ? [{ ...common, kind: 'local', root: source }] : [];
  });
}

/** `cwds`: folders whose projects may have marketplaces. Never throws. */
export function marketplaces(source: ConfigService, cwds: readonly string[]): MarketsFound {
  const { home, codexHome } = source.sources;
  const { table } = source.resolve().effective;
  const configured = configuredMarkets(table, codexHome);
  const roots = [
    home,
    ...cwds.flatMap((cwd) => [cwd, findProjectRoot(cwd, markers(table)) ?? cwd]),
    ...configured.map(({ root }) => root),
  ];
  const markets: Marketplace[] = [];
  const errors: { marketplacePath: string; message: string }[] = [];
  const seen = new Set<string>();
  for (const root of roots) {
    const key = realOf(root);
    if (seen.has(key)) continue;
    seen.add(key);
    const read = marketIn(root);
    if (read === null) {
      const known = configured.find((one) => one.root === root);
      if (known !== undefined)
        errors.push({
          marketplacePath: root,
          message: `marketplace \`${known.name}\` has no marketplace.json in ${root}`,
        });
    } else if ('fault' in read) errors.push({ marketplacePath: fileOf(root), message: read.fault });
    else markets.push(read.market);
  }
  return { markets, errors };
}

const fileOf = (root: string): string => path.join(root, '.agents', 'plugins', 'marketplace.json');

function realOf(root: string): string {
  try {
    return fs.realpathSync(root);
  } catch {
    return root;
  }
}
