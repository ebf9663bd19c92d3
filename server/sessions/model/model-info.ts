/** The facts about a model: from a catalog (model-catalog.ts), else common defaults (docs/protocol/turns.md §4). */
import type { TomlTable } from '../../config/toml/value.js';
import type { CatalogEntry } from './known-models.js';
import { createCatalogs, findEntry } from './model-catalog.js';

export interface ModelInfo {
  /** False: the catalog has no such model, so these are defaults. */
  readonly known: boolean;
  /** The model writes patches in free form, with the apply_patch tool. */
  readonly freeformPatch: boolean;
  readonly baseInstructions: string | null;
  readonly defaultEffort: string | null;
  /** How the model summarises its thoughts if nobody says; null: `auto`. */
  readonly usualSummary: string | null;
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

/** The whole window of a model of which nothing else is known, in tokens. */
export const UNKNOWN_WINDOW = 272_000;

const UNKNOWN: ModelInfo = {
  known: false,
  freeformPatch: false,
  baseInstructions: null,
  defaultEffort: null,
  usualSummary: null,
  contextWindow: null,
  usablePercent: null,
  compactLimit: null,
  outputBudget: null,
  verbosity: null,
  shell: true,
  images: true,
  originalImages: false,
};

/** `warn` receives the reason why a catalog cannot be read. */
export function createModelInfo(warn: (message: string) => void): ModelInfoOf {
  const catalogs = createCatalogs(warn);
  return ({ table, wire }) => {
    const entry = findEntry(catalogs.of(table), wire.model);
    return entry === null ? UNKNOWN : infoOf(entry);
  };
}

function infoOf(entry: CatalogEntry): ModelInfo {
  const { truncation_policy: truncation } = entry;
  return {
    known: true,
    freeformPatch: entry.apply_patch_tool_type === 'freeform',
    baseInstructions: entry.base_instructions ?? null,
    defaultEffort: entry.default_reasoning_level ?? null,
    usualSummary: entry.default_reasoning_summary ?? null,
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
