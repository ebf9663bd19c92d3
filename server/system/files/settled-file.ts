/**
 * Reads text files that other programs may be saving at the same time.
 *
 * Threat: a program that saves in place truncates the file first. For a moment the file is empty or incomplete, and
 * what it denies would be allowed in that moment.
 * Rule: a file is read completely through one descriptor, or read again. A text counts if it has not changed for
 * REST_MS, or if two readings are equal. A missing, empty or truncated file replaces an earlier text only after
 * LOSS_MS, with a warning. A file for which `keeps` returns true never loses its text this way while the process runs.
 * Scope: regular files that are read by path. An unchanged file costs one `stat`.
 * Non-scope: whether the path may be read, and the meaning of the text; a program that pauses for longer than REST_MS
 * between two writes of a new text.
 */
import { osCode } from '../../errors/os-code.js';
import { libraryText, libraryTextAmong } from '../node/os-errors.js';
import fs from 'node:fs';
import path from 'node:path';
import { BoundedMap } from '../node/bounded-map.js';

/** The content of a path. The same object as long as the content does not change. */
export type FileReading =
  | { readonly kind: 'missing' }
  | { readonly kind: 'text'; readonly text: string }
  /** It exists but is not a text: `message` says why, with the operating system's text where there is one. */
  | { readonly kind: 'unreadable'; readonly message: string };

/** A file has lost its text; `kept`: the text still counts until the process ends. */
export interface LostText {
  readonly path: string;
  readonly found: 'missing' | 'empty' | 'cut off';
  readonly kept: boolean;
}

export interface SettledFiles {
  /**
   * Never throws. `maxBytes`: a longer file is unreadable. Waits at most FIRST_BLANK_MS, and only if the file has just
   * changed.
   */
  read(file: string, maxBytes: number): FileReading;
  /** This process has written `text`: it counts as soon as it is read. */
  expect(file: string, text: string): void;
  /** The files that have lost their text. */
  lost(): readonly LostText[];
}

export interface SettledFilesOptions {
  /** Files that keep their text until the process ends, also if they are missing or empty later. */
  readonly keeps?: (file: string) => boolean;
  /** Called once for each loss. */
  readonly onLost?: (lost: LostText) => void;
  /** How long a loss is ignored, ms (default LOSS_MS). */
  readonly lossMs?: number;
  /** False: the first reading does not wait (default true). For files that no program is saving. */
  readonly waits?: boolean;
  /** Invalid UTF-8 makes a file unreadable (`strict`, default), or is replaced. */
  readonly encoding?: 'strict' | 'replace';
}

/** A change of this age, ms, is complete, because programs write a text at once. */
const REST_MS = 30;
/** The time between two readings that must be equal, ms. */
const PAUSE_MS = 4;
/** After this time, ms, a loss counts: longer than any save takes on a busy machine. */
const LOSS_MS = 2000;
/** How long, ms, the first reading waits for the text of a new empty file, because there is no earlier text. */
const FIRST_BLANK_MS = 300;
/** How often a file is read again if it changes between two `fstat`. */
const TORN_TRIES = 10;
/**
 * Time stamps have a resolution of 4 to 10 ms: a file that changed within this time, ms, may change without a new one.
 */
const RACY_MS = 50;
/** How many files are remembered. */
const REMEMBERED = 512;

interface HowToRead {
  readonly maxBytes: number;
  readonly strict: boolean;
}

interface Look {
  readonly stamp: string;
  readonly reading: FileReading;
  /** Null: there is no readable file. */
  readonly bytes: Buffer | null;
  /** The time since its last change, at the reading, ms. */
  readonly age: number;
  /** Whether it changed during every reading. */
  readonly torn: boolean;
}

interface State {
  stamp: string;
  reading: FileReading;
  bytes: Buffer | null;
  /** Whether an equal stamp does not prove that the file is unchanged. */
  racy: boolean;
  /** The state that may replace the text, and since when it is seen (monotonic, ms). */
  doubt: { readonly stamp: string; readonly since: number } | null;
  lost: LostText | null;
}

export function createSettledFiles(options: SettledFilesOptions = {}): SettledFiles {
  const { keeps = () => false, onLost = () => {}, lossMs = LOSS_MS, waits = true, encoding = 'strict' } = options;
  const strict = encoding === 'strict';
  const memory = new BoundedMap<string, State>(REMEMBERED, keeps);
  const own = new Map<string, Buffer>();

  function read(file: string, maxBytes: number): FileReading {
    const state = memory.get(file);
    if (state !== undefined && !state.racy && state.doubt === null && stampAt(file) === state.stamp) {
      return state.reading;
    }
    const now = state === undefined ? first(file, { maxBytes, strict }) : next(file, { maxBytes, strict }, state);
    // The expected text was seen, or another text counts now.
    if (now.bytes !== state?.bytes) own.delete(file);
    memory.set(file, now);
    return now.reading;
  }

  const first = (file: string, how: HowToRead): State => (waits ? firstLook(file, how) : accepted(lookAt(file, how)));

  /** The next state after an earlier one. */
  function next(file: string, how: HowToRead, state: State): State {
    let look = lookAt(file, how);
    for (const deadline = performance.now() + 2 * REST_MS; ;) {
      if (sameContent(look, state)) return { ...accepted(look), reading: state.reading };
      if (isOwn(file, look)) return accepted(look);
      const found = lossOf(look, state);
      // A file that was renamed into place was complete before, so it does not count as truncated, except for files
      // that `keeps` protects.
      const loss = found === 'cut off' && !keeps(file) && inode(look.stamp) !== inode(state.stamp) ? null : found;
      if (loss !== null) return doubted(file, look, state, loss);
      if (!look.torn && (look.bytes === null || look.age >= REST_MS)) return accepted(look);
      if (performance.now() > deadline) return { ...state, racy: true };
      pause(PAUSE_MS);
      const again = lookAt(file, how);
      const twice = !again.torn && again.stamp === look.stamp && sameBytes(again.bytes, look.bytes);
      look = again;
      if (twice && whole(look, state)) return accepted(look);
    }
  }

  /** Keeps the earlier text until the loss is old enough. */
  function doubted(file: string, look: Look, state: State, found: LostText['found']): State {
    const since = state.doubt?.stamp === look.stamp ? state.doubt.since : performance.now();
    // A truncation that is under way (see firstLook): the time stamps are still those of the text.
    const isStale = timesIn(look.stamp) === timesIn(state.stamp);
    const age = Math.max(performance.now() - since, look.bytes === null || isStale ? 0 : look.age);
    if (age < lossMs) return { ...state, racy: true, doubt: { stamp: look.stamp, since } };
    const kept = found !== 'cut off' && keeps(file);
    if (state.lost?.found !== found || !kept) onLost({ path: file, found, kept });
    if (!kept) return accepted(look);
    // With the stamp of the current state, one `stat` is enough until the file changes again.
    return { ...state, stamp: look.stamp, racy: false, doubt: null, lost: { path: file, found, kept } };
  }

  const isOwn = (file: string, { bytes, torn }: Look): boolean =>
    bytes !== null && !torn && own.get(file)?.equals(bytes) === true;

  return {
    read,
    expect: (file, text) => void own.set(file, Buffer.from(text)),
    lost: () => [...memory.values()].flatMap(({ lost }) => (lost === null ? [] : [lost])),
  };
}

/**
 * The first reading: there is no earlier text, so it waits if the file has just changed. If the file keeps changing, a
 * text that was seen counts rather than the empty file.
 *
 * An empty file must also stay so for REST_MS while it is watched: ext4 sets the size of a truncated file first and its
 * time stamps last, so for a moment an old file is empty with old time stamps.
 */
function firstLook(file: string, how: HowToRead): State {
  let look = lookAt(file, how);
  let seen: Look | null = null;
  /** What is watched, and since when (monotonic, ms). */
  let watched = { stamp: look.stamp, since: performance.now() };
  for (const began = performance.now(); performance.now() - began < FIRST_BLANK_MS;) {
    if (look.bytes === null && look.reading.kind !== 'missing') break;
    const text = look.torn || look.bytes === null || blank(look.bytes) ? null : look;
    const age = look.bytes === null ? folderAge(file) : look.age;
    const enough = text !== null || look.bytes === null ? REST_MS : FIRST_BLANK_MS;
    if (watched.stamp !== look.stamp) watched = { stamp: look.stamp, since: performance.now() };
    const isSure = text !== null || look.bytes === null || performance.now() - watched.since >= REST_MS;
    if (!look.torn && age >= enough && isSure && (text !== null || seen === null)) break;
    if (text !== null && seen !== null && sameBytes(text.bytes, seen.bytes) && text.bytes?.at(-1) === 0x0a) break;
    if (text !== null && (text.bytes?.length ?? 0) >= (seen?.bytes?.length ?? 0)) seen = text;
    pause(PAUSE_MS);
    look = lookAt(file, how);
  }
  const lost = seen !== null && (look.torn || look.reading.kind === 'missing' || lossOf(look, seen) !== null);
  return lost && seen !== null ? { ...accepted(seen), racy: true } : accepted(look);
}

const accepted = (look: Look): State => ({
  stamp: look.stamp,
  reading: look.reading,
  bytes: look.bytes,
  racy: look.torn || (look.bytes !== null && look.age < RACY_MS),
  doubt: null,
  lost: null,
});

/** How the file has lost its text; null: it has not. */
function lossOf(look: Look, { bytes }: Pick<State, 'bytes'>): LostText['found'] | null {
  if (bytes === null || blank(bytes)) return null;
  if (look.reading.kind === 'missing') return 'missing';
  if (look.bytes === null) return null;
  if (blank(look.bytes)) return 'empty';
  return look.bytes.length < bytes.length && bytes.subarray(0, look.bytes.length).equals(look.bytes) ? 'cut off' : null;
}

const sameContent = (look: Look, state: State): boolean =>
  !look.torn &&
  (look.bytes === null
    ? state.bytes === null && sameReading(look.reading, state.reading)
    : sameBytes(look.bytes, state.bytes) && sameReading(look.reading, state.reading));

const sameReading = (a: FileReading, b: FileReading): boolean =>
  // eslint-disable-next-line codexd/reads-sentences -- whether two readings are the same
  a.kind === b.kind && (a.kind !== 'unreadable' || (b.kind === 'unreadable' && a.message === b.message));

const sameBytes = (a: Buffer | null, b: Buffer | null): boolean => (a === null || b === null ? a === b : a.equals(b));

/** A text without a final line break, or shorter than the earlier one, may be incomplete. */
const whole = ({ bytes }: Look, state: State): boolean =>
  bytes === null || (bytes.at(-1) === 0x0a && bytes.length >= (state.bytes?.length ?? 0));

const BLANKS: readonly number[] = [0x20, 0x09, 0x0a, 0x0d, 0];
/** NUL counts as blank: a program may set the length of a file before it writes the text. */
const blank = (bytes: Buffer): boolean => bytes.every((byte) => BLANKS.includes(byte));

/** The time since the newer of the two time stamps: a program can set one of them to any value, but not both. */
function ageOf({ mtimeNs, ctimeNs }: fs.BigIntStats): number {
  const now = Date.now();
  return Math.min(Math.abs(now - Number(mtimeNs) / 1e6), Math.abs(now - Number(ctimeNs) / 1e6));
}

/** The time, ms, since a file was added to or removed from the folder of the file. */
function folderAge(file: string): number {
  try {
    return Math.abs(Date.now() - fs.statSync(path.dirname(file)).mtimeMs);
  } catch {
    return Infinity; // No folder: no program is about to create the file.
  }
}

const WAITER = new Int32Array(new SharedArrayBuffer(4));
const pause = (ms: number): void => void Atomics.wait(WAITER, 0, 0, ms);

/** The two time stamps of a stamp. */
const timesIn = (stamp: string): string => stamp.split(':').slice(3).join(':');

/** Device and inode of a stamp. */
const inode = (stamp: string): string => stamp.split(':', 2).join(':');

function stampAt(file: string): string {
  try {
    const stat = fs.statSync(file, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? MISSING : stampOf(stat);
  } catch (error) {
    return `error ${osCode(error)}`;
  }
}
const MISSING = 'missing';
const stampOf = (stat: fs.BigIntStats): string =>
  `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;

function lookAt(file: string, how: HowToRead): Look {
  let look = lookOnce(file, how);
  for (let tries = 1; look.torn && tries < TORN_TRIES; tries++) look = lookOnce(file, how);
  return look;
}

/** Opens, reads and checks the file through one descriptor. */
function lookOnce(file: string, { maxBytes, strict }: HowToRead): Look {
  const none = (stamp: string, reading: FileReading): Look => ({
    stamp,
    reading,
    bytes: null,
    age: Infinity,
    torn: false,
  });
  const unreadable = (stamp: string, message: string): Look => none(stamp, { kind: 'unreadable', message });
  let descriptor: number;
  try {
    // Without O_NONBLOCK opening a FIFO would block the whole daemon until a writer opens it.
    descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY);
  } catch (error) {
    const code = osCode(error);
    // ENOTDIR: a folder of the path is a file, so the file is missing.
    if (code === 'ENOENT' || code === 'ENOTDIR') return none(stampAt(file), { kind: 'missing' });
    return unreadable(stampAt(file), systemMessage(error));
  }
  try {
    const before = fs.fstatSync(descriptor, { bigint: true });
    const stamp = stampOf(before);
    if (before.isDirectory()) return unreadable(stamp, libraryText('EISDIR'));
    if (!before.isFile()) return unreadable(stamp, 'not a regular file');
    if (before.size > BigInt(maxBytes)) return unreadable(stamp, `larger than ${maxBytes} bytes`);
    const bytes = readExactly(descriptor, Number(before.size));
    const after = stampOf(fs.fstatSync(descriptor, { bigint: true }));
    return { stamp, reading: decode(bytes, strict), bytes, age: ageOf(before), torn: after !== stamp };
  } catch (error) {
    return unreadable(stampAt(file), systemMessage(error));
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Reads at most `size` bytes; fewer if the file has become shorter, which its stamp shows as well. */
function readExactly(descriptor: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const count = fs.readSync(descriptor, bytes, length, size - length, length);
    if (count === 0) break;
    length += count;
  }
  return bytes.subarray(0, length);
}

function decode(bytes: Buffer, strict: boolean): FileReading {
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: strict, ignoreBOM: false }).decode(bytes) };
  } catch {
    return { kind: 'unreadable', message: 'stream did not contain valid UTF-8' };
  }
}

/** `Permission denied (os error 13)`: the wording that clients know from the reference. */
const systemMessage = (error: unknown): string =>
  libraryTextAmong(['EACCES', 'EISDIR', 'ELOOP', 'ENAMETOOLONG'], error);
