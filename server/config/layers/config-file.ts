import fs from 'node:fs';
import { parseToml, TomlSyntaxError } from '../toml/parse.js';
import { newTable } from '../toml/value.js';
import type { TomlTable } from '../toml/value.js';

/** One configuration file as it was when it was read. */
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
  /** There, but it cannot be read: a folder, a device, no permission, not UTF-8, too large. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly message: string };

/** Reads a file, or answers what it read before when the file has not changed since. Never throws. */
export type FileReader = (path: string) => ConfigFile;

/** Larger files are refused: nobody's configuration is this large, and it would be parsed on the daemon's only thread. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;
/**
 * A file changed this recently before it was read may change again without a new time stamp (the kernel's clock for
 * files ticks every 4 to 10 ms), so its text is compared until it has rested. Nanoseconds.
 */
const RACY_WINDOW_NS = 50_000_000n;
/** How many files are remembered: the machine's, the user's, and those of many projects. */
const REMEMBERED_FILES = 512;

interface Remembered {
  readonly stamp: string;
  readonly file: ConfigFile;
  /** The time stamps cannot be trusted yet. */
  readonly racy: boolean;
}

/**
 * A reader with a memory of its own. A warm read is one `stat`: the content is kept as long as inode, size and both
 * time stamps stay the same, so an edit is seen by the next call (spec/config.md §1).
 */
export function createFileReader(): FileReader {
  const memory = new Map<string, Remembered>();
  return (path) => {
    const last = memory.get(path);
    const now = read(path, last);
    if (now !== last) {
      memory.delete(path);
      memory.set(path, now);
      const [oldest] = memory.keys();
      if (memory.size > REMEMBERED_FILES && oldest !== undefined) memory.delete(oldest);
    }
    return now.file;
  };
}

function read(path: string, last: Remembered | undefined): Remembered {
  const stat = statOf(path);
  if (stat === undefined || typeof stat === 'string') {
    const stamp = stat ?? 'missing';
    if (last?.stamp === stamp) return last;
    const file: ConfigFile =
      stat === undefined ? { kind: 'missing', path, table: newTable() } : { kind: 'unreadable', path, message: stat };
    return { stamp, file, racy: false };
  }
  const stamp = `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
  if (last?.stamp === stamp && !last.racy) return last;
  const changed = stat.ctimeNs > stat.mtimeNs ? stat.ctimeNs : stat.mtimeNs;
  const racy = BigInt(Date.now()) * 1_000_000n - changed < RACY_WINDOW_NS;
  const text = readText(path, stat);
  const same = last !== undefined && typeof text === 'string' && 'text' in last.file && last.file.text === text;
  return { stamp, file: same ? last.file : interpret(path, text), racy };
}

function statOf(path: string): fs.BigIntStats | string | undefined {
  try {
    return fs.statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    // A folder of the path is a file: there is no such file either.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    return systemMessage(error);
  }
}

/** The text, or why there is none. */
function readText(path: string, stat: fs.BigIntStats): string | { readonly message: string } {
  if (stat.isDirectory()) return { message: 'Is a directory (os error 21)' };
  // Opening a pipe would wait for a writer, and with it the whole daemon.
  if (!stat.isFile()) return { message: 'not a regular file' };
  if (stat.size > BigInt(MAX_FILE_BYTES)) return { message: `larger than ${MAX_FILE_BYTES} bytes` };
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(fs.readFileSync(path));
  } catch (error) {
    return { message: error instanceof TypeError ? 'stream did not contain valid UTF-8' : systemMessage(error) };
  }
}

function interpret(path: string, text: string | { readonly message: string }): ConfigFile {
  if (typeof text !== 'string') return { kind: 'unreadable', path, message: text.message };
  try {
    return { kind: 'parsed', path, text, table: parseToml(text) };
  } catch (error) {
    if (!(error instanceof TomlSyntaxError)) throw error;
    return { kind: 'malformed', path, text, message: error.message, line: error.line, column: error.column };
  }
}

/** `Permission denied (os error 13)`: the wording that clients know from the reference. */
function systemMessage(error: unknown): string {
  const { code, errno, message } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    EACCES: 'Permission denied',
    EISDIR: 'Is a directory',
    ELOOP: 'Too many levels of symbolic links',
    ENAMETOOLONG: 'File name too long',
  };
  const text = code === undefined ? undefined : known[code];
  return text === undefined || errno === undefined ? message : `${text} (os error ${Math.abs(errno)})`;
}
