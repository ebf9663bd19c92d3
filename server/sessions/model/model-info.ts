/** What is known about a model: from the catalog that `model_catalog_json` names, else what holds for any (spec/turns.md §4). */
import fs from 'node:fs';
import type { ThreadState } from '../live/live-thread.js';

export interface ModelInfo {
  /** It writes patches freely, with the apply_patch tool. */
  readonly freeformPatch: boolean;
  readonly baseInstructions: string | null;
  readonly defaultEffort: string | null;
  /** In tokens. */
  readonly contextWindow: number | null;
  /** What it takes of a tool's output. */
  readonly outputBudget: { readonly unit: 'bytes' | 'tokens'; readonly amount: number } | null;
  readonly shell: boolean;
}

export type ModelInfoOf = (state: Pick<ThreadState, 'table' | 'wire'>) => ModelInfo;

const UNKNOWN: ModelInfo = {
  freeformPatch: false,
  baseInstructions: null,
  defaultEffort: null,
  contextWindow: null,
  outputBudget: null,
  shell: true,
};

/** The catalog is read again when its file changes. A catalog that cannot be read says nothing; `warn` says why, once. */
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
      // Reading it says why.
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
  readonly truncation_policy?: { readonly mode?: string; readonly limit?: number } | null;
  readonly shell_type?: string;
}

function readCatalog(file: string, warn: (message: string) => void): ReadonlyMap<string, ModelInfo> {
  try {
    const { models } = JSON.parse(fs.readFileSync(file, 'utf8')) as { models?: readonly Entry[] };
    return new Map((models ?? []).flatMap((entry) => (entry.slug === undefined ? [] : [[entry.slug, infoOf(entry)]])));
  } catch (error) {
    warn(`model_catalog_json \`${file}\` cannot be read: ${(error as Error).message}`);
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
    outputBudget:
      typeof truncation?.limit === 'number'
        ? { unit: truncation.mode === 'tokens' ? 'tokens' : 'bytes', amount: truncation.limit }
        : null,
    shell: entry.shell_type !== 'disabled',
  };
}
