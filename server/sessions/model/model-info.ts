/**
 * The facts about a model: from the catalog that `model_catalog_json` names, else common defaults
 * (docs/protocol/turns.md §4).
 */
import { messageOf } from '../../errors/message-of.js';
import fs from 'node:fs';
import { readWhole, withFile } from '../../system/files/open-file.js';
import type { TomlTable } from '../../config/toml/value.js';

export interface ModelInfo {
  /** The model writes patches in free form, with the apply_patch tool. */
  readonly freeformPatch: boolean;
  readonly baseInstructions: string | null;
  readonly defaultEffort: string | null;
  /** The whole window in tokens. `contextWindow()` of context/token-usage.ts returns the part for a conversation. */
  readonly contextWindow: number | null;
  /** The percentage of the window for the conversation; null: the default. */
  readonly usablePercent: number | null;
  /** The number of tokens at which a history is summarised automatically; null: the default. */
  readonly compactLimit: number | null;
  /** How much of a tool's output the model receives. */
  readonly outputBudget: { readonly unit: 'bytes' | 'tokens'; readonly amount: number } | null;
  /** Null: the model has no setting for verbosity. */
  readonly verbosity: { readonly usual: string | null } | null;
  readonly shell: boolean;
  /** The model takes images. */
  readonly images: boolean;
  /** It takes them with the detail `original`. */
  readonly originalImages: boolean;
}

/** The name of a model, and the configuration in which it is looked up. */
export interface ChosenModel {
  readonly table: TomlTable;
  readonly wire: { readonly model: string; readonly modelProvider: string };
}

export type ModelInfoOf = (chosen: ChosenModel) => ModelInfo;

const UNKNOWN: ModelInfo = {
  freeformPatch: false,
  baseInstructions: null,
  defaultEffort: null,
  contextWindow: null,
  usablePercent: null,
  compactLimit: null,
  outputBudget: null,
  verbosity: null,
  shell: true,
  images: true,
  originalImages: false,
};

/**
 * Reads the catalog again when its file changes. An unreadable catalog has no entries; `warn` receives the reason once.
 */
export function createModelInfo(warn: (message: string) => void): ModelInfoOf {
  const read = new Map<string, { readonly stamp: string; readonly models: ReadonlyMap<string, ModelInfo> }>();
  return ({ table, wire }) => {
    const file = table.model_catalog_json;
    if (typeof file !== 'string') return UNKNOWN;
    let stamp = 'missing';
    try {
      const { mtimeMs, size, ino } = fs.statSync(file);
      stamp = `${mtimeMs} ${size} ${ino}`;
    } catch {
      // The read below reports the reason.
    }
    let known = read.get(file);
    if (known?.stamp !== stamp) {
      known = { stamp, models: readCatalog(file, warn) };
      read.set(file, known);
    }
    return known.models.get(wire.model) ?? UNKNOWN;
  };
}

interface Entry {
  readonly slug?: string;
  readonly apply_patch_tool_type?: string | null;
  readonly base_instructions?: string | null;
  readonly default_reasoning_level?: string | null;
  readonly context_window?: number | null;
  readonly effective_context_window_percent?: number | null;
  readonly auto_compact_token_limit?: number | null;
  readonly support_verbosity?: boolean;
  readonly default_verbosity?: string | null;
  readonly truncation_policy?: { readonly mode?: string; readonly limit?: number } | null;
  readonly shell_type?: string;
  readonly input_modalities?: readonly string[] | null;
  readonly supports_image_detail_original?: boolean;
}

/** In bytes. */
const MAX_CATALOG = 4 * 1024 * 1024;

function readCatalog(file: string, warn: (message: string) => void): ReadonlyMap<string, ModelInfo> {
  try {
    const { models } = JSON.parse(withFile(file, (opened) => readWhole(opened, MAX_CATALOG)).toString()) as {
      models?: readonly Entry[];
    };
    return new Map((models ?? []).flatMap((entry) => (entry.slug === undefined ? [] : [[entry.slug, infoOf(entry)]])));
  } catch (error) {
    warn(`model_catalog_json \`${file}\` cannot be read: ${messageOf(error)}`);
    return new Map();
  }
}

function infoOf(entry: Entry): ModelInfo {
  const { truncation_policy: truncation } = entry;
  return {
    freeformPatch: entry.apply_patch_tool_type === 'freeform',
    baseInstructions: entry.base_instructions ?? null,
    defaultEffort: entry.default_reasoning_level ?? null,
    contextWindow: entry.context_window ?? null,
    usablePercent: entry.effective_context_window_percent ?? null,
    compactLimit: entry.auto_compact_token_limit ?? null,
    outputBudget:
      typeof truncation?.limit === 'number'
        ? { unit: truncation.mode === 'tokens' ? 'tokens' : 'bytes', amount: truncation.limit }
        : null,
    verbosity: entry.support_verbosity === true ? { usual: entry.default_verbosity ?? null } : null,
    shell: entry.shell_type !== 'disabled',
    images: entry.input_modalities?.includes('image') ?? true,
    originalImages: entry.supports_image_detail_original === true,
  };
}
