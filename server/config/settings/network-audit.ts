/** `[codexd.network_audit]`: the files with the decisions of the network policy (docs/configuration.md). */
import path from 'node:path';
import { ConfigError } from '../../errors/config-error.js';
import { paths } from '../../system/files/paths.js';
import { tableAt, type TomlTable } from '../toml/value.js';

export interface NetworkAudit {
  /** Absolute. Sandboxed commands do not see its folder, so they see no rotated file either. */
  readonly path: string;
  /** A file that would become larger is renamed, and a new one is begun. */
  readonly maxBytes: number;
  /** The number of files, the current one included; the oldest is removed. */
  readonly maxFiles: number;
}

const DEFAULT_FILE = path.join('log', 'network-decisions.jsonl');
const DEFAULT_MAX_BYTES = 10 * 1024 * 1024;
const DEFAULT_MAX_FILES = 5;
/** A file has room for at least a few lines. */
const MIN_BYTES = 4096;
/** A larger number of files is a mistake. */
const MAX_FILES = 1000;

export interface AuditPlaces {
  readonly codexHome: string;
  /** The user's home, for `~`. */
  readonly home: string;
  /** The daemon's working folder. */
  readonly cwd: string;
}

/** null: switched off. Throws ConfigError for a file in a folder that commands need. */
export function networkAudit(table: TomlTable, places: AuditPlaces): NetworkAudit | null {
  const section = tableAt(tableAt(table, 'codexd'), 'network_audit');
  if (section.enabled !== true) return null;
  const written = typeof section.path === 'string' && section.path !== '' ? section.path : DEFAULT_FILE;
  const expanded = written === '~' ? written : (paths.inHome(written, places.home) ?? written);
  const file = path.resolve(places.codexHome, expanded);
  assertOwnFolder(file, written, places);
  return {
    path: file,
    maxBytes: Math.max(number(section.max_bytes, DEFAULT_MAX_BYTES), MIN_BYTES),
    maxFiles: Math.min(Math.max(number(section.max_files, DEFAULT_MAX_FILES), 1), MAX_FILES),
  };
}

function assertOwnFolder(file: string, written: string, { codexHome, home, cwd }: AuditPlaces): void {
  const folder = path.dirname(file);
  const needed = [codexHome, home, cwd].find((place) => paths.covers(folder, place));
  if (needed === undefined) return;
  throw new ConfigError(
    `codexd.network_audit.path: ${JSON.stringify(written)} lies in ${folder}, which holds ${needed}; its folder is hidden from commands as a whole, so give the file a folder of its own and start codexd again`,
  );
}

const number = (value: unknown, fallback: number): number =>
  typeof value === 'number' || typeof value === 'bigint' ? Number(value) : fallback;
