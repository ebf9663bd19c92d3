import { isCode, CodexdError } from '../../errors/codexd-error.js';
import path from 'node:path';
import { checkValue, unknownKeys } from '../shape/check.js';
import { configShape } from '../shape/config-shape.js';
import { normalizeTable } from '../shape/normalize.js';
import { locate } from '../toml/locate.js';
import { layerFolder } from './layer.js';
import { isTable, newTable } from '../toml/value.js';
import { mergeLayers, mergeTables } from './merge.js';
import { profileFile } from './profile-file.js';
import { projectLayers } from './project-layers.js';
import type { TomlTable } from '../toml/value.js';
import type { ConfigFile, FileReader } from './config-file.js';
import type { Layer, LayerName } from './layer.js';

/** The sources of the layers; they do not change during the life of the process. */
export interface LayerSources {
  readonly codexHome: string;
  /** Folder of config.toml, managed_config.toml and requirements.toml for the whole machine. */
  readonly systemDir: string;
  /** The user's home, for `~`. */
  readonly home: string;
  /** The daemon's working folder. */
  readonly cwd: string;
  readonly flags: TomlTable | null;
  /** The configuration profile, which overrides the user's file; null: none. */
  readonly profile: string | null;
  /** Whether the user's config.toml is ignored. */
  readonly ignoresUserFile: boolean;
  readonly read: FileReader;
  /** Reads `default_permissions` of the current requirements. */
  readonly requiredPermissions: () => string | null;
  /** Whether unknown keys make a layer invalid (`--strict-config`). */
  readonly strict: boolean;
}

/** An active layer cannot be read. Clients receive `message` after the prefix of their method. */
export class LayerError extends CodexdError {
  /** The layer's name; null for a project file: its message contains the path. */
  readonly layer: LayerName | null;
  /** The file and the 1-based position, if the file exists but is not TOML; else null. */
  readonly malformed: { readonly path: string; readonly line: number; readonly column: number } | null;
  /** Whether the reason is an unknown key (`--strict-config`). */
  readonly strict: boolean;
  constructor(message: string, layer: LayerName | null, malformed: LayerError['malformed'] = null, strict = false) {
    super('config.layer', message);
    this.name = 'LayerError';
    this.strict = strict;
    this.layer = layer;
    this.malformed = malformed;
  }
}

/**
 * The layers for a folder, lowest precedence first (docs/protocol/config.md §1): system, user, the user's profile,
 * projects from the root to `cwd`, session flags, the managed file. Without `cwd` there are no project layers. `extra`
 * (a thread's own configuration) is merged into the session flags; its relative paths are below `cwd`. Throws
 * LayerError.
 */
export function loadLayers(sources: LayerSources, cwd?: string, extra?: TomlTable): Layer[] {
  const below = [
    fileLayer({ type: 'system', file: path.join(sources.systemDir, 'config.toml') }, sources),
    ...userLayers(sources),
  ];
  const above: Layer[] = [];
  const flags = flagsTable(sources, extra, path.resolve(sources.cwd, cwd ?? ''));
  if (flags !== null) above.push(layer(FLAGS, flags, null));
  const managed = path.join(sources.systemDir, 'managed_config.toml');
  const managedLayer = fileLayer({ type: 'legacyManagedConfigTomlFromFile', file: managed }, sources);
  if (managedLayer.file?.kind !== 'missing') above.push(managedLayer);
  const projects = cwd === undefined ? [] : projectsOf(path.resolve(sources.cwd, cwd), [...below, ...above], sources);
  const layers = [...below, ...projects, ...above];
  if (sources.strict) refuseUnknown(layers);
  return layers;
}

/** The user's file and the profile's file, which may be missing (startup.ts warns about it). Throws LayerError. */
function userLayers(sources: LayerSources): Layer[] {
  const { codexHome, profile, ignoresUserFile } = sources;
  const name = { type: 'user', file: path.join(codexHome, 'config.toml'), profile: null } as const;
  const user = ignoresUserFile ? layer(name, newTable(), null) : fileLayer(name, sources);
  if (profile === null) return [user];
  return [user, fileLayer({ type: 'user', file: profileFile(codexHome, profile), profile }, sources)];
}

/** Throws LayerError for the first unknown key, beginning with the lowest layer. */
function refuseUnknown(layers: readonly Layer[]): void {
  for (const { name, table, file, disabledReason } of layers) {
    if (disabledReason !== null || Object.keys(table).length === 0) continue;
    const [key] = unknownKeys(table, configShape());
    if (key === undefined) continue;
    const field = `unknown configuration field \`${key.join('.')}\``;
    if (file?.kind !== 'parsed') throw new LayerError(`${field} in -c/--config override`, name, null, true);
    const { line, column } = locate(file.text, key, 'key')?.start ?? { line: 1, column: 1 };
    const at = { path: file.path, line, column };
    throw new LayerError(`${file.path}:${line}:${column}: ${field}`, name, at, true);
  }
}

/**
 * A layer's content in the form that is shown and versioned: paths are absolute (relative ones are resolved against the
 * layer's folder, or `folder`), older words are replaced. Made once for each parsed file.
 */
export function normalContent(name: LayerName, table: TomlTable, sources: LayerSources, folder?: string): TomlTable {
  // An empty table needs no shape, which takes time to make.
  if (Object.keys(table).length === 0) return table;
  let content = contents.get(table);
  if (content === undefined) {
    const base = { folder: folder ?? layerFolder(name) ?? sources.cwd, home: sources.home };
    content = normalizeTable(table, configShape(), base);
    contents.set(table, content);
  }
  return content;
}
const contents = new WeakMap<TomlTable, TomlTable>();

const FLAGS = { type: 'sessionFlags' } as const;

function flagsTable(sources: LayerSources, extra: TomlTable | undefined, cwd: string): TomlTable | null {
  const flags = sources.flags === null ? null : normalContent(FLAGS, sources.flags, sources);
  if (extra === undefined) return flags;
  const own = normalContent(FLAGS, extra, sources, cwd);
  return flags === null ? own : mergeTables(flags, own);
}

function projectsOf(cwd: string, others: readonly Layer[], sources: LayerSources): Layer[] {
  try {
    const { codexHome, read, requiredPermissions } = sources;
    const around = { base: mergeLayers(others), required: requiredPermissions(), codexHome, read };
    return projectLayers(cwd, around).map((project) => ({
      ...project,
      table: normalContent(project.name, project.table, sources),
    }));
  } catch (error) {
    if (isCode(error, 'config.project')) throw new LayerError(error.message, null);
    throw error;
  }
}

function fileLayer(name: LayerName & { readonly file: string }, sources: LayerSources): Layer {
  const file = sources.read(name.file);
  if (file.kind === 'malformed') {
    const { line, column } = file;
    throw new LayerError(`${file.path}:${line}:${column}: ${file.message}`, name, { path: file.path, line, column });
  }
  if (file.kind === 'unreadable')
    throw new LayerError(`Failed to read config file ${file.path}: ${file.message}`, name);
  if (file.kind === 'parsed') refuseBadFilters(name, file);
  return layer(name, normalContent(name, file.table, sources), file);
}

/**
 * Checks the lists of variable names. A mistake in them makes the whole layer invalid (docs/protocol/config.md §2).
 */
function refuseBadFilters(name: LayerName, file: ConfigFile & { readonly kind: 'parsed' }): void {
  const { shell_environment_policy: policy } = file.table;
  if (!isTable(policy)) return;
  const lists = Object.assign(newTable(), policy);
  for (const key of Object.keys(lists)) if (!FILTER_KEYS.includes(key)) delete lists[key];
  const shape = configShape().fields.shell_environment_policy;
  const mixed = lists.filters !== undefined && (lists.exclude !== undefined || lists.include_only !== undefined);
  const text = mixed
    ? 'cannot mix `filters` with legacy `exclude` or `include_only`'
    : shape === undefined
      ? undefined
      : checkValue(lists, shape)?.text;
  if (text === undefined) return;
  const { line, column } = locate(file.text, ['shell_environment_policy'])?.start ?? { line: 1, column: 1 };
  throw new LayerError(`${file.path}:${line}:${column}: ${text}`, name, { path: file.path, line, column });
}
const FILTER_KEYS = ['filters', 'exclude', 'include_only'];

function layer(name: LayerName, table: TomlTable, file: ConfigFile | null): Layer {
  return { name, table, file, disabledReason: null, ignoredKeys: [], leftOutKeys: [] };
}
