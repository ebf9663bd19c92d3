/**
 * Catalogs of models: the form of an entry, and where the entries come from (docs/protocol/services.md §3). That is the
 * file in `model_catalog_json`, else the models that codexd knows.
 */
import fs from 'node:fs';
import { messageOf } from '../../errors/message-of.js';
import { isObject } from '../../system/node/objects.js';
import { readWhole, withFile } from '../../system/files/open-file.js';
import type { TomlTable } from '../../config/toml/value.js';
import { KNOWN_MODELS } from './known-models.js';

/** An entry, as in the official program's catalogs. Everything except the slug may be missing. */
export interface CatalogEntry {
  readonly slug: string;
  readonly display_name?: string | null;
  readonly description?: string | null;
  readonly base_instructions?: string | null;
  readonly default_reasoning_level?: string | null;
  readonly supported_reasoning_levels?: readonly { readonly effort: string; readonly description?: string }[] | null;
  readonly default_reasoning_summary?: string | null;
  readonly visibility?: string;
  readonly supported_in_api?: boolean;
  /** The smallest is first. */
  readonly priority?: number;
  readonly upgrade?: { readonly model: string; readonly migration_markdown?: string | null } | null;
  readonly input_modalities?: readonly string[] | null;
  readonly model_specialty?: string | null;
  readonly multi_agent_version?: string | null;
  readonly supports_personality?: boolean;
  readonly additional_speed_tiers?: readonly string[] | null;
  readonly service_tiers?:
    readonly { readonly id: string; readonly name: string; readonly description: string }[] | null;
  readonly default_service_tier?: string | null;
  readonly apply_patch_tool_type?: string | null;
  /** In tokens. */
  readonly context_window?: number | null;
  readonly effective_context_window_percent?: number | null;
  /** In tokens. */
  readonly auto_compact_token_limit?: number | null;
  readonly support_verbosity?: boolean;
  readonly default_verbosity?: string | null;
  readonly truncation_policy?: { readonly mode?: string; readonly limit?: number } | null;
  readonly shell_type?: string;
  readonly supports_image_detail_original?: boolean;
}

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
