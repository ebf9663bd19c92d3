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

/** Why the configuration is invalid (docs/protocol/config.md §2.1). */
export type ConfigProblem =
  /** A file is not TOML or cannot be read. */
  | { readonly kind: 'layers'; readonly error: LayerError }
  /** A value has the wrong type. */
  | { readonly kind: 'value'; readonly mismatch: Mismatch }
  /** Values do not fit together, or refer to something that does not exist. */
  | MeaningProblem;

export interface MeaningProblem {
  readonly kind: 'meaning';
  readonly text: string;
  /** The key that refers to what is missing, or that has to go; null: none. */
  readonly key: readonly string[] | null;
  /** No daemon starts with it, whatever its source. */
  readonly endsStart: boolean;
}

/** The merged layers of one folder at one moment, before the requirements are applied. Immutable. */
export interface EffectiveConfig {
  /** Lowest precedence first; empty if a layer cannot be read. */
  readonly layers: readonly Layer[];
  /** Merged, paths absolute; empty if a layer cannot be read. Must not be used if there is a problem. */
  readonly table: TomlTable;
  readonly problem: ConfigProblem | null;
}

/** Reads the configuration of a folder. Never throws: `problem` says what is wrong. */
export type EffectiveConfigReader = (cwd?: string, extra?: TomlTable) => EffectiveConfig;

/** How many folders' configurations are remembered between calls. */
const REMEMBERED_FOLDERS = 32;

/**
 * Makes a reader that checks the files at every call: one `stat` for each file. As long as no file has changed, it
 * returns the same object, so that callers can remember results by it.
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
        // Which keys of a project's file count depends on the other layers.
        layer.leftOutKeys.join() === other.leftOutKeys.join() &&
        (layer.file !== null || layer.table === other.table)
      );
    })
  );
}

function interpret(layers: readonly Layer[]): EffectiveConfig {
  const merged = mergeLayers(layers);
  // Nothing is configured: the shape, which takes time to make, is not needed.
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

const meaning = (key: string, text: string): MeaningProblem => ({
  kind: 'meaning',
  text,
  key: [key],
  endsStart: false,
});
