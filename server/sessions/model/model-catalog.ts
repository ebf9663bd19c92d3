/**
 * Catalogs of models (docs/protocol/services.md §3): the file in `model_catalog_json`, else the models that codexd
 * knows.
 */
import fs from 'node:fs';
import { messageOf } from '../../errors/message-of.js';
import { isObject } from '../../system/node/objects.js';
import { readWhole, withFile } from '../../system/files/open-file.js';
import type { TomlTable } from '../../config/toml/value.js';
import { KNOWN_MODELS, type CatalogEntry } from './known-models.js';

/** In bytes. */
const MAX_CATALOG = 4 * 1024 * 1024;

/** Throws an error with the reason if the file cannot be read as a catalog. */
function readCatalog(file: string): CatalogEntry[] {
  const content: unknown = JSON.parse(withFile(file, (opened) => readWhole(opened, MAX_CATALOG)).toString());
  return catalogEntries(content);
}

/** The entries of `{"models": […]}` that have a slug; others are left out. */
export function catalogEntries(content: unknown): CatalogEntry[] {
  const models: unknown = isObject(content) ? content['models'] : undefined;
  return (Array.isArray(models) ? models : []).filter(
    (entry): entry is CatalogEntry => isObject(entry) && typeof entry['slug'] === 'string' && entry['slug'] !== '',
  );
}

export interface Catalogs {
  /** The entries of the configuration's catalog; of an unreadable one: the known models, as in the official program. */
  of(table: TomlTable): readonly CatalogEntry[];
}

/**
 * Reads the file again when it changes. `warn` receives the reason why a file is unreadable, once for each content.
 */
export function createCatalogs(warn: (message: string) => void): Catalogs {
  const read = new Map<string, { readonly stamp: string; readonly entries: readonly CatalogEntry[] }>();
  return {
    of({ model_catalog_json: file }) {
      if (typeof file !== 'string') return KNOWN_MODELS;
      let stamp = 'missing';
      try {
        const { mtimeMs, size, ino } = fs.statSync(file);
        stamp = `${mtimeMs} ${size} ${ino}`;
      } catch {
        // The read below reports the reason.
      }
      let held = read.get(file);
      if (held?.stamp !== stamp) {
        held = { stamp, entries: readOr(file, warn) };
        read.set(file, held);
      }
      return held.entries;
    },
  };
}

function readOr(file: string, warn: (message: string) => void): readonly CatalogEntry[] {
  try {
    return readCatalog(file);
  } catch (error) {
    warn(`model_catalog_json \`${file}\` cannot be read: ${messageOf(error)}`);
    return KNOWN_MODELS;
  }
}

/**
 * The entry for a model's name: the longest slug with which the name begins (`gpt-5.5-2026-01-01`), also behind the
 * name of a vendor (`openai/gpt-5.5`), as in the official program. Null: nothing is known about the model.
 */
export function findEntry(entries: readonly CatalogEntry[], model: string): CatalogEntry | null {
  return longest(entries, model) ?? longest(entries, /^\w+\/([^/]+)$/.exec(model)?.[1] ?? null);
}

function longest(entries: readonly CatalogEntry[], name: string | null): CatalogEntry | null {
  let best: CatalogEntry | null = null;
  for (const entry of name === null ? [] : entries)
    if (name?.startsWith(entry.slug) === true && entry.slug.length > (best?.slug.length ?? 0)) best = entry;
  return best;
}
