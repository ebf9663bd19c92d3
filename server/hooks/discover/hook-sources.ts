/**
 * Where hooks are written, in the order in which they are listed (docs/protocol/services.md §6 "Sources"): the
 * requirements, then the layers from the lowest to the highest, and in a layer hooks.json before config.toml.
 */
import fs from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../../errors/config-error.js';
import { HOOK_EVENTS } from '../../config/shape/hook-shape.js';
import { isList, isTable, tableAt, type TomlTable } from '../../config/toml/value.js';
import type { HookSource } from '../../../schema/protocol/services/hooks.js';
import type { Layer, LayerName } from '../../config/layers/layer.js';
import type { ResolvedConfig } from '../../config/settings/resolved-config.js';
import type { HookPlugin } from '../runnable-hook.js';
import { readHooksJson } from './hooks-json.js';

/** The hooks of one file. */
export interface Declaration {
  readonly source: HookSource;
  /** In keys: a file, the administrator's folder, or a name for what has no file. */
  readonly sourcePath: string;
  /** Whether an administrator wrote it: its hooks need nobody's trust. */
  readonly isManaged: boolean;
  /** Whether no thread may run without its hooks. */
  readonly isRequired: boolean;
  /** Groups by event, of the shape of `[hooks]`. */
  readonly events: TomlTable;
  /** The plugin that brings them; absent: none does. */
  readonly plugin?: HookPlugin & { /** In keys, in place of `sourcePath`. */ readonly keyPath: string };
}

export interface Declarations {
  readonly declarations: readonly Declaration[];
  readonly warnings: readonly string[];
  /** Why the administrator's hooks cannot run; then no thread may. */
  readonly failures: readonly string[];
}

/** Reads the hooks.json of each layer. */
export function hookDeclarations({ effective, requirements }: ResolvedConfig): Declarations {
  // Nothing runs without valid requirements, and without a valid configuration.
  if (requirements instanceof ConfigError) return { declarations: [], warnings: [], failures: [] };
  const { declarations: required, failures } = requiredHooks(requirements.table, requirements.source);
  const onlyManaged = requirements.table.allow_managed_hooks_only === true;
  const warnings: string[] = [];
  const own = effective.layers
    .filter((layer) => layer.disabledReason === null && (!onlyManaged || isManagedLayer(layer.name)))
    .flatMap((layer, index, layers) => {
      const folder = jsonFolder(layer.name);
      // A profile lies beside the user's file, whose folder is read once.
      const isRead = layers.slice(0, index).some(({ name }) => folder !== null && jsonFolder(name) === folder);
      return layerHooks(layer, isRead ? null : folder, warnings);
    });
  return { declarations: [...required, ...own], warnings, failures };
}

/** The hooks of `[hooks]` in requirements.toml. */
export function requiredHooks(
  requirements: TomlTable,
  file: string,
): { readonly declarations: readonly Declaration[]; readonly failures: readonly string[] } {
  const events = tableAt(requirements, 'hooks');
  if (Object.keys(events).length === 0) return { declarations: [], failures: [] };
  const { managed_dir: folder } = events;
  const isSet = typeof folder === 'string';
  const failures = Object.keys(events)
    .filter((key) => isList(events[key]) && !EVENTS.includes(key))
    .map((key) => `hooks.${key} of ${file}: there is no such event`);
  if (isSet && !path.isAbsolute(folder)) failures.push(`hooks.managed_dir of ${file} is no absolute path: ${folder}`);
  else if (isSet && !isFolder(folder)) failures.push(`hooks.managed_dir of ${file} is no folder: ${folder}`);
  const sourcePath = isSet && path.isAbsolute(folder) ? folder : file;
  return { declarations: [{ source: 'system', sourcePath, isManaged: true, isRequired: true, events }], failures };
}

const EVENTS: readonly string[] = HOOK_EVENTS;

const isFolder = (place: string): boolean => {
  try {
    return fs.statSync(place).isDirectory();
  } catch {
    return false; // Missing, or hidden from the daemon: its programs cannot run.
  }
};

function layerHooks({ name, file, table }: Layer, folder: string | null, warnings: string[]): Declaration[] {
  const found: Declaration[] = [];
  const common = { source: sourceOf(name), isManaged: isManagedLayer(name), isRequired: false };
  const json = folder === null ? null : path.join(folder, 'hooks.json');
  const read = json === null ? null : readHooksJson(json);
  if (read !== null && 'fault' in read) warnings.push(read.fault);
  else if (read !== null && json !== null) found.push({ ...common, sourcePath: json, events: read.events });
  const inline = tableAt(table, 'hooks');
  const sourcePath = file?.path ?? FLAGS;
  if (hasGroups(inline)) {
    if (json !== null && found.some(({ events }) => hasGroups(events)))
      warnings.push(`loading hooks from both ${json} and ${sourcePath}; prefer a single representation for this layer`);
    found.push({ ...common, sourcePath, events: inline });
  }
  return found;
}

/** Stands for the file that the flags of the command line, and the `config` of a thread, do not have. */
const FLAGS = '/<session-flags>/config.toml';

const hasGroups = (events: TomlTable): boolean =>
  Object.values(events).some((groups) => Array.isArray(groups) && groups.some((group) => isTable(group)));

const isManagedLayer = ({ type }: LayerName): boolean =>
  type === 'system' || type === 'legacyManagedConfigTomlFromFile';

function sourceOf(name: LayerName): HookSource {
  return name.type === 'legacyManagedConfigTomlFromFile' ? 'legacyManagedConfigFile' : name.type;
}

/** The folder whose hooks.json belongs to the layer; null: it has none. */
function jsonFolder(name: LayerName): string | null {
  switch (name.type) {
    case 'project':
      return name.dotCodexFolder;
    case 'user':
    case 'system':
      return path.dirname(name.file);
    default:
      return null;
  }
}
