import { BoundedMap } from '../../system/node/bounded-map.js';
import { LayerError, loadLayers } from './load-layers.js';
import { mergeLayers } from './merge.js';
import { checkTable } from '../shape/check.js';
import { configShape } from '../shape/config-shape.js';
import { withoutForeignEntries } from '../shape/foreign-entries.js';
import { BUILT_IN_PROVIDERS } from '../shape/semantic-checks.js';
import { isTable, newTable } from '../toml/value.js';
import type { Layer } from './layer.js';
import type { LayerSources } from './load-layers.js';
import type { Mismatch } from '../shape/check.js';
import type { TomlTable } from '../toml/value.js';

/** Why the configuration cannot be used (docs/protocol/config.md §2.1). */
export type ConfigProblem =
  /** A file is no TOML or cannot be read. */
  | { readonly kind: 'layers'; readonly error: LayerError }
  /** A value has the wrong type. */
  | { readonly kind: 'value'; readonly mismatch: Mismatch }
  /** Values that do not go together, or refer to something that is not there. */
  | MeaningProblem;

export interface MeaningProblem {
  readonly kind: 'meaning';
  readonly text: string;
  /** The key that refers to what is missing, or that has to go; null: none. */
  readonly key: string | null;
  /** No daemon starts with it, whoever wrote it. */
  readonly endsStart: boolean;
}

/** The configuration of one folder at one moment. Immutable. */
export interface EffectiveConfig {
  /** Lowest precedence first; empty when a layer cannot be read. */
  readonly layers: readonly Layer[];
  /** Merged, paths absolute; empty when a layer cannot be read. Not to be trusted while there is a problem. */
  readonly table: TomlTable;
  readonly problem: ConfigProblem | null;
}

/** What configuration holds for a folder. Never throws: trouble is in `problem`. */
export type EffectiveConfigReader = (cwd?: string, extra?: TomlTable) => EffectiveConfig;

/** How many folders' configurations are remembered between calls. */
const REMEMBERED_FOLDERS = 32;

/**
 * Reads afresh at every call: each file costs a `stat`, and while none has changed the very same object is answered, so
 * everything derived from it can be remembered with it.
 */
export function createEffectiveConfigReader(sources: LayerSources): EffectiveConfigReader {
  const memory = new BoundedMap<string, EffectiveConfig>(REMEMBERED_FOLDERS);
  return (cwd, extra) => {
    const layers = readLayers(sources, cwd, extra);
    if (layers instanceof LayerError) {
      return { layers: [], table: newTable(), problem: { kind: 'layers', error: layers } };
    }
    // A thread's own configuration is remembered by the thread, not here.
    if (extra !== undefined) return interpret(layers);
    const key = cwd ?? '';
    const last = memory.get(key);
    if (last !== undefined && sameLayers(last.layers, layers)) return last;
    const effective = interpret(layers);
    memory.set(key, effective);
    return effective;
  };
}

function readLayers(sources: LayerSources, cwd?: string, extra?: TomlTable): Layer[] | LayerError {
  try {
    return loadLayers(sources, cwd, extra);
  } catch (error) {
    if (error instanceof LayerError) return error;
    throw error;
  }
}

function sameLayers(a: readonly Layer[], b: readonly Layer[]): boolean {
  return (
    a.length === b.length &&
    a.every((layer, index) => {
      const other = b[index];
      return (
        layer.file === other?.file &&
        layer.disabledReason === other.disabledReason &&
        // What is left of a project's file depends on what it lies upon.
        layer.leftOutKeys.join() === other.leftOutKeys.join() &&
        (layer.file !== null || layer.table === other.table)
      );
    })
  );
}

function interpret(layers: readonly Layer[]): EffectiveConfig {
  const merged = mergeLayers(layers);
  // Nothing configured: nothing to describe either, which start-up is glad of.
  if (Object.keys(merged).length === 0) return { layers, table: merged, problem: null };
  const table = withoutForeignEntries(merged, configShape());
  const mismatch = checkTable(table, configShape());
  if (mismatch !== null) return { layers, table, problem: { kind: 'value', mismatch } };
  return { layers, table, problem: contradiction(table) };
}

/** The first thing wrong with values that are each of the right type; profiles are judged where they are selected. */
export function contradiction(table: TomlTable): MeaningProblem | null {
  const { profile, approval_policy: approval, model_provider: provider, model_providers: providers } = table;
  if (typeof profile === 'string') {
    return meaning(
      'profile',
      `legacy \`profile = ${JSON.stringify(profile)}\` config is no longer supported; use \`--profile ${profile}\` with \`${profile}.config.toml\` instead`,
    );
  }
  if (approval === 'untrusted') {
    // The one setting that keeps the program from starting (docs/protocol/network.md §4).
    const text = 'approval_policy = "untrusted" is no longer supported; remove this setting';
    return { ...meaning('approval_policy', text), endsStart: true };
  }
  if (typeof provider === 'string' && !BUILT_IN_PROVIDERS.includes(provider)) {
    if (!isTable(providers) || !isTable(providers[provider]))
      return meaning('model_provider', `Model provider \`${provider}\` not found`);
  }
  return null;
}

const meaning = (key: string, text: string): MeaningProblem => ({ kind: 'meaning', text, key, endsStart: false });
