import { BoundedMap } from '../../system/node/bounded-map.js';
import { createSettledFiles } from '../../system/files/settled-file.js';
import { parseToml, TomlSyntaxError } from '../toml/parse-toml.js';
import { newTable } from '../toml/value.js';
import type { FileReading, LostText, SettledFilesOptions } from '../../system/files/settled-file.js';
import type { TomlTable } from '../toml/value.js';

/** One configuration file at the time of reading. */
export type ConfigFile =
  | { readonly kind: 'missing'; readonly path: string; readonly table: TomlTable }
  | { readonly kind: 'parsed'; readonly path: string; readonly text: string; readonly table: TomlTable }
  /** Not TOML: position 1-based. */
  | {
      readonly kind: 'malformed';
      readonly path: string;
      readonly text: string;
      readonly message: string;
      readonly line: number;
      readonly column: number;
    }
  /** The file exists but cannot be read: a folder, a device, no permission, not UTF-8, too large. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly message: string };

/** Reads a file, or returns the earlier result if the file has not changed. Never throws. */
export interface FileReader {
  /** `maxBytes` (default MAX_FILE_BYTES): a longer file is unreadable. */
  (path: string, maxBytes?: number): ConfigFile;
  /** This process has just written `text`: it counts at the next reading. */
  expect(path: string, text: string): void;
  /** The warnings for clients about files that lost their text. */
  warnings(): readonly string[];
}

/**
 * Larger files are refused: no configuration is this large, and parsing would block the daemon's only thread.
 */
const MAX_FILE_BYTES = 32 * 1024 * 1024;
/** How many files are remembered: the machine's, the user's, and those of many projects. */
const REMEMBERED_FILES = 512;

export type FileReaderOptions = Pick<SettledFilesOptions, 'keeps' | 'lossMs' | 'waits'> & {
  /** Called once when a file loses its text. */
  readonly onWarning?: (text: string) => void;
};

/**
 * Makes a reader that remembers files. Reading a known file costs one `stat`: the content is reused as long as inode,
 * size and both time stamps are the same. The next call sees an edit (docs/protocol/config.md §1).
 */
export function createFileReader({ onWarning, ...options }: FileReaderOptions = {}): FileReader {
  const files = createSettledFiles({ ...options, onLost: (lost) => onWarning?.(lossText(lost)) });
  const memory = new BoundedMap<string, { readonly reading: FileReading; readonly file: ConfigFile }>(REMEMBERED_FILES);
  const read = (path: string, maxBytes = MAX_FILE_BYTES): ConfigFile => {
    const reading = files.read(path, maxBytes);
    const last = memory.get(path);
    if (last?.reading === reading) return last.file;
    const file = interpret(path, reading);
    memory.set(path, { reading, file });
    return file;
  };
  return Object.assign(read, { expect: files.expect, warnings: () => files.lost().map(lossText) });
}

/** The warning for people about a file that lost its text. */
export function lossText({ path, found, kept }: LostText): string {
  const what = { missing: 'is missing', empty: 'is empty', 'cut off': 'ends early' }[found];
  return kept
    ? `${path} ${what}. What it said holds until the daemon is started again; put the file back, or restart to go on without it.`
    : `${path} ${what} although it said more before. What is not in it any more does not count any longer.`;
}

function interpret(path: string, reading: FileReading): ConfigFile {
  if (reading.kind === 'missing') return { kind: 'missing', path, table: newTable() };
  if (reading.kind === 'unreadable') return { kind: 'unreadable', path, message: reading.message };
  const { text } = reading;
  try {
    return { kind: 'parsed', path, text, table: parseToml(text) };
  } catch (error) {
    if (!(error instanceof TomlSyntaxError)) throw error;
    return { kind: 'malformed', path, text, message: error.message, line: error.line, column: error.column };
  }
}
