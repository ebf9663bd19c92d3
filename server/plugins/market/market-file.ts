/**
 * marketplace.json: the plugins that a folder offers (docs/protocol/services.md §10 "Marketplaces").
 *
 * Threat: a marketplace is anybody's. Rule: names and paths are checked as inside.ts and plugin-id.ts say; an entry
 * whose source cannot be used is left out, as in the official program. Scope: the file itself. Non-scope: what
 * plugins contain.
 */
import path from 'node:path';
import type { PluginSource } from '../../../schema/protocol/services/plugin.js';
import { missingField } from '../../../schema/shape/sentences.js';
import { isObject } from '../../system/node/objects.js';
import { pathInside, textInside } from '../inside.js';
import { objectIn, readJson, textIn } from '../json-file.js';
import { marketplaceNameFault } from '../plugin-id.js';

export interface Marketplace {
  readonly name: string;
  /** The marketplace.json. */
  readonly file: string;
  /** The folder that sources of plugins are relative to. */
  readonly root: string;
  readonly displayName: string | null;
  readonly plugins: readonly OfferedPlugin[];
}

export interface OfferedPlugin {
  readonly name: string;
  readonly source: PluginSource;
  readonly installation: 'NOT_AVAILABLE' | 'AVAILABLE' | 'INSTALLED_BY_DEFAULT';
  readonly authentication: 'ON_INSTALL' | 'ON_USE';
  readonly category: string | null;
}

export type MarketRead = { readonly market: Marketplace } | { readonly fault: string } | null;

/** Where the file lies below its root, in the order in which it is looked for. */
const PLACES = [
  ['.agents', 'plugins', 'marketplace.json'],
  ['.claude-plugin', 'marketplace.json'],
] as const;

/** The marketplace of a folder; null: it has none. Never throws. */
export function marketIn(root: string): MarketRead {
  for (const parts of PLACES) {
    const read = readMarket(root, parts.join('/'));
    if (read !== null) return read;
  }
  return null;
}

/** The marketplace of a file; null: it does not exist. Never throws. */
export function marketOf(file: string): MarketRead {
  for (const parts of PLACES) {
    const root = parts.reduce((place) => path.dirname(place), file);
    if (path.join(root, ...parts) === file) return readMarket(root, parts.join('/'));
  }
  return readMarket(path.dirname(file), path.basename(file));
}

function readMarket(root: string, name: string): MarketRead {
  const read = textInside(root, name);
  if (read === null) return null;
  const { file } = read;
  const invalid = (why: string): MarketRead => ({ fault: `invalid marketplace file \`${file}\`: ${why}` });
  if ('fault' in read) return invalid(read.fault);
  const json = readJson(read.text);
  if ('fault' in json) return invalid(json.fault);
  const { value } = json;
  const lines = read.text.split('\n');
  const end = ` at line ${lines.length} column ${Buffer.byteLength(lines.at(-1) ?? '')}`;
  const marketName = textIn(value, 'name');
  if (marketName === null) return invalid(missingField('name') + end);
  if (!isObject(value) || !Array.isArray(value.plugins)) return invalid(missingField('plugins') + end);
  const fault = marketplaceNameFault(marketName);
  if (fault !== null) return { fault };
  return {
    market: {
      name: marketName,
      file,
      root,
      displayName: textIn(value.interface, 'displayName'),
      plugins: value.plugins.slice(0, MAX_PLUGINS).flatMap((entry) => offered(entry, root) ?? []),
    },
  };
}

/** Of one marketplace. */
const MAX_PLUGINS = 2000;

/** Null: it is left out. */
function offered(entry: unknown, root: string): OfferedPlugin | null {
  const name = textIn(entry, 'name');
  const source = isObject(entry) ? sourceOf(entry.source, root) : null;
  if (name === null || source === null) return null;
  const policy = objectIn(entry, 'policy');
  const installation = textIn(policy, 'installation');
  return {
    name,
    source,
    installation:
      installation === 'NOT_AVAILABLE' || installation === 'INSTALLED_BY_DEFAULT' ? installation : 'AVAILABLE',
    authentication: textIn(policy, 'authentication') === 'ON_USE' ? 'ON_USE' : 'ON_INSTALL',
    category: textIn(entry, 'category'),
  };
}

function sourceOf(source: unknown, root: string): PluginSource | null {
  if (typeof source === 'string') return localSource(source, root);
  switch (textIn(source, 'source')) {
    case 'local':
      return localSource(textIn(source, 'path') ?? '', root);
    case 'url':
    case 'git-subdir': {
      const url = textIn(source, 'url');
      return url === null
        ? null
        : {
            type: 'git',
            url,
            path: textIn(source, 'path'),
            refName: textIn(source, 'ref'),
            sha: textIn(source, 'sha'),
          };
    }
    case 'npm': {
      const name = textIn(source, 'package');
      return name === null
        ? null
        : { type: 'npm', package: name, version: textIn(source, 'version'), registry: textIn(source, 'registry') };
    }
    default:
      return null;
  }
}

/** The official program takes only paths that begin with `./`. */
function localSource(written: string, root: string): PluginSource | null {
  const place = /^\.\//.test(written) ? pathInside(root, written) : null;
  return place === null ? null : { type: 'local', path: place };
}
