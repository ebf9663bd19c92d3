import path from 'node:path';
import type { ConfigFile } from './config-file.js';
import { layerVersion } from '../toml/layer-version.js';
import type { TomlTable } from '../toml/value.js';

/** The source of a layer, in the form of the protocol (docs/protocol/config.md §1). */
export type LayerName =
  | { readonly type: 'system'; readonly file: string }
  | { readonly type: 'user'; readonly file: string; readonly profile: string | null }
  | { readonly type: 'project'; readonly dotCodexFolder: string }
  | { readonly type: 'sessionFlags' }
  | { readonly type: 'legacyManagedConfigTomlFromFile'; readonly file: string };

export interface Layer {
  readonly name: LayerName;
  /** The content in the shown form: with unknown keys, paths absolute, older words replaced. */
  readonly table: TomlTable;
  /** The file of the layer; null for flags. */
  readonly file: ConfigFile | null;
  /** Why the layer is listed but not merged; null: it is merged. */
  readonly disabledReason: string | null;
  /** Keys that a project must not set; they were removed from `table` (docs/protocol/config.md §4). */
  readonly ignoredKeys: readonly string[];
  /** Dotted keys that need a person's confirmation of the project's file; they were removed from `table` as well. */
  readonly leftOutKeys: readonly string[];
}

/** `{name, version}`: the reference from an origin to its layer. */
export interface LayerReference {
  readonly name: LayerName;
  readonly version: string;
}

export function layerReference(layer: Layer): LayerReference {
  return { name: layer.name, version: layerVersion(layer.table) };
}

/** The name of a layer in warnings (docs/protocol/config.md §2). */
export function layerLabel(name: LayerName): string {
  switch (name.type) {
    case 'user':
      return `user (${name.file})`;
    case 'system':
      return `system (${name.file})`;
    case 'project':
      return `project (${name.dotCodexFolder}/config.toml)`;
    case 'sessionFlags':
      return 'session-flags';
    case 'legacyManagedConfigTomlFromFile':
      return `legacy managed_config.toml (${name.file})`;
  }
}

/** The folder for relative paths of a layer; null: the daemon's working folder. */
export function layerFolder(name: LayerName): string | null {
  switch (name.type) {
    case 'project':
      return name.dotCodexFolder;
    case 'sessionFlags':
      return null;
    default:
      return path.dirname(name.file);
  }
}
