import type { ConfigFile } from './config-file.js';
import { layerVersion } from '../toml/layer-version.js';
import type { TomlTable } from '../toml/value.js';

/** Where a layer comes from, as the wire names it (docs/protocol/config.md §1). */
export type LayerName =
  | { readonly type: 'system'; readonly file: string }
  | { readonly type: 'user'; readonly file: string; readonly profile: string | null }
  | { readonly type: 'project'; readonly dotCodexFolder: string }
  | { readonly type: 'sessionFlags' }
  | { readonly type: 'legacyManagedConfigTomlFromFile'; readonly file: string };

export interface Layer {
  readonly name: LayerName;
  /** The content as it is shown: unknown keys included, paths absolute, older words replaced. */
  readonly table: TomlTable;
  /** The file behind it; null for flags. */
  readonly file: ConfigFile | null;
  /** Listed but not merged, and why. */
  readonly disabledReason: string | null;
  /** Keys that a project may not set and that were therefore taken out of `table` (docs/protocol/config.md §4). */
  readonly ignoredKeys: readonly string[];
  /** Dotted keys that count only after a person's yes to the project's file, and were taken out of `table` as well. */
  readonly leftOutKeys: readonly string[];
}

/** `{name, version}`: how an origin names its layer. */
export interface LayerReference {
  readonly name: LayerName;
  readonly version: string;
}

export function layerReference(layer: Layer): LayerReference {
  return { name: layer.name, version: layerVersion(layer.table) };
}

/** How warnings name a layer (docs/protocol/config.md §2). */
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

/** The directory against which relative paths of a layer are resolved; null: the daemon's own. */
export function layerFolder(name: LayerName): string | null {
  switch (name.type) {
    case 'project':
      return name.dotCodexFolder;
    case 'sessionFlags':
      return null;
    default:
      return name.file.slice(0, name.file.lastIndexOf('/')) || '/';
  }
}
