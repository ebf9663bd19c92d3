/** marketplace/add, marketplace/remove and marketplace/upgrade (docs/protocol/services.md §10 "Marketplaces"). */
import fs from 'node:fs';
import path from 'node:path';
import type { RequestParams, RequestResult } from '../../../schema/registry.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { writeConfig } from '../../config/write/write-config.js';
import { CodexdError } from '../../errors/codexd-error.js';
import { messageOf } from '../../errors/message-of.js';
import { invalidRequest } from '../../errors/rpc-error.js';
import { libraryTextAmong } from '../../system/node/os-errors.js';
import { marketIn, type Marketplace } from '../market/market-file.js';
import { configuredMarkets, type ConfiguredMarket } from '../market/marketplaces.js';
import { marketplaceNameFault } from '../plugin-id.js';
import { cloneInto } from './git-clone.js';
import { refuseManaged } from './install-plugin.js';
import { placeMarket, removeMarket } from './market-store.js';
import { marketSource } from './marketplace-source.js';
import { withStaging } from './plugin-store.js';

/** Throws RpcError. `cwd`: for a relative folder. */
export async function addMarketplace(
  config: ConfigService,
  { source: given, refName = null, sparsePaths = null }: RequestParams<'marketplace/add'>,
  cwd: string,
): Promise<RequestResult<'marketplace/add'>> {
  refuseManaged(config);
  const source = marketSource(given, cwd, refName);
  const { codexHome } = config.sources;
  const sparse = sparsePaths ?? [];
  if (source.kind === 'local') {
    if (refName !== null) throw invalidRequest('--ref is only supported for git marketplace sources');
    if (sparse.length > 0) throw invalidRequest('--sparse is only supported for git marketplace sources');
    const folder = localFolder(source.folder);
    const { name } = usable(marketIn(folder), folder);
    const added = { name, kind: 'local', source: folder, ref: null, sparsePaths: [], root: folder } as const;
    return enter(config, added);
  }
  return withStaging(codexHome, async (staging) => {
    const clone = path.join(staging, 'marketplace');
    await cloneInto(clone, { url: source.url, ref: source.ref, sparsePaths: sparse });
    const { name } = usable(marketIn(clone), source.url);
    const before = configuredMarkets(config.resolve().effective.table, codexHome).find((one) => one.name === name);
    const added: ConfiguredMarket = {
      name,
      kind: 'git',
      source: source.url,
      ref: source.ref,
      sparsePaths: sparse,
      root: '',
    };
    refuseOther(before, added);
    const root = await placeMarket(codexHome, name, clone);
    return enter(config, { ...added, root });
  });
}

/** Throws RpcError for an unknown one. The plugins of it stay. */
export async function removeMarketplace(
  config: ConfigService,
  name: string,
): Promise<RequestResult<'marketplace/remove'>> {
  const fault = marketplaceNameFault(name);
  if (fault !== null) throw invalidRequest(fault);
  const { codexHome } = config.sources;
  const user = config.resolve().effective.layers.find((layer) => layer.name.type === 'user');
  const known = user === undefined ? [] : configuredMarkets(user.table, codexHome);
  if (!known.some((one) => one.name === name))
    throw invalidRequest(`marketplace \`${name}\` is not configured or installed`);
  await writeEntry(config, name, null);
  return { marketplaceName: name, installedRoot: await removeMarket(codexHome, name) };
}

/** All of Git, or one. A failure of one does not stop the others. Throws RpcError for an unknown name. */
export async function upgradeMarketplaces(
  config: ConfigService,
  wanted: string | null,
): Promise<RequestResult<'marketplace/upgrade'> & { readonly upgraded: readonly Marketplace[] }> {
  const { codexHome } = config.sources;
  const all = configuredMarkets(config.resolve().effective.table, codexHome).filter(({ kind }) => kind === 'git');
  const chosen = all.filter(({ name }) => wanted === null || name === wanted);
  if (wanted !== null && chosen.length === 0)
    throw invalidRequest(`marketplace \`${wanted}\` is not configured as a Git marketplace`);
  if (chosen.length > 0) refuseManaged(config);
  const upgraded: Marketplace[] = [];
  const errors: { marketplaceName: string; message: string }[] = [];
  for (const { name, source, ref, sparsePaths } of chosen) {
    try {
      await withStaging(codexHome, async (staging) => {
        const clone = path.join(staging, 'marketplace');
        await cloneInto(clone, { url: marketUrl(source, ref), ref, sparsePaths });
        const market = usable(marketIn(clone), source);
        if (market.name !== name)
          throw invalidRequest(`marketplace \`${name}\` is called \`${market.name}\` now: remove it, and add it again`);
        upgraded.push(usable(marketIn(await placeMarket(codexHome, name, clone)), source));
      });
    } catch (error) {
      errors.push({ marketplaceName: name, message: messageOf(error) });
    }
  }
  return {
    selectedMarketplaces: chosen.map(({ name }) => name),
    upgradedRoots: upgraded.map(({ root }) => root),
    errors,
    upgraded,
  };
}

/** The configuration is checked as a client's wish is. */
function marketUrl(source: string, ref: string | null): string {
  const read = marketSource(source, '/', ref);
  if (read.kind !== 'git') throw invalidRequest(`\`${source}\` is no address of Git`);
  return read.url;
}

function usable(read: ReturnType<typeof marketIn>, where: string): Marketplace {
  if (read === null)
    throw invalidRequest(
      `invalid marketplace file \`${where}\`: marketplace root does not contain a supported manifest`,
    );
  if ('fault' in read) throw invalidRequest(read.fault);
  const { market } = read;
  if (RESERVED.test(market.name))
    throw invalidRequest(`marketplace \`${market.name}\` is reserved and cannot be added from this source`);
  return market;
}

/** Names of the vendor's own. */
const RESERVED = /^openai-(?:curated|api-curated|bundled|primary-runtime)$/;

function localFolder(folder: string): string {
  try {
    const real = fs.realpathSync(folder);
    if (!fs.statSync(real).isDirectory())
      throw invalidRequest('local marketplace source must be a directory, not a file');
    return real;
  } catch (error) {
    if (error instanceof CodexdError) throw error;
    const why = libraryTextAmong(['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'], error) ?? messageOf(error);
    throw invalidRequest(`failed to resolve local marketplace source path: ${why}`);
  }
}

function refuseOther(before: ConfiguredMarket | undefined, added: ConfiguredMarket): void {
  if (before === undefined || isSame(before, added)) return;
  throw invalidRequest(
    `marketplace '${added.name}' is already added from a different source; remove it before adding this source`,
  );
}

const isSame = (one: ConfiguredMarket, other: ConfiguredMarket): boolean =>
  one.kind === other.kind &&
  one.source === other.source &&
  one.ref === other.ref &&
  one.sparsePaths.join('\n') === other.sparsePaths.join('\n');

async function enter(config: ConfigService, added: ConfiguredMarket): Promise<RequestResult<'marketplace/add'>> {
  const { name, kind, source, ref, sparsePaths, root } = added;
  const known = configuredMarkets(config.resolve().effective.table, config.sources.codexHome);
  const before = known.find((one) => one.name === name);
  refuseOther(before, added);
  if (before === undefined)
    await writeEntry(config, name, {
      source_type: kind,
      source,
      ...(ref === null ? {} : { ref }),
      ...(sparsePaths.length === 0 ? {} : { sparse_paths: sparsePaths }),
    });
  return { marketplaceName: name, installedRoot: root, alreadyAdded: before !== undefined };
}

/** Null removes the entry. */
async function writeEntry(config: ConfigService, name: string, value: unknown): Promise<void> {
  await writeConfig(config, {
    edits: [{ keyPath: `marketplaces.${name}`, value, mergeStrategy: 'replace' }],
    filePath: null,
    expectedVersion: null,
  });
}
