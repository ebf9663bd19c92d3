/**
 * Text files that other programs save while the daemon reads them.
 *
 * Threat: a program that saves in place empties the file first, so for a moment it says nothing, or half of what it
 * said; what it denies would be allowed in that moment.
 * Rule: a file is read through one descriptor, whole, or again. A text counts when it has rested or was read twice the
 * same. What is missing, empty or cut off takes the place of a text that counted only after LOSS_MS, and is told; a
 * file that `keeps` names does not lose its text that way while the process runs.
 * Scope: any regular file that is read by its path, at the cost of one `stat` while it does not change.
 * Non-scope: whether the path may be read, and what the text means. A program that takes longer than REST_MS between
 * two writes of a text that nobody has seen before.
 */
import { libraryText, libraryTextAmong } from '../node/os-errors.js';
import fs from 'node:fs';
import path from 'node:path';
import { BoundedMap } from '../node/bounded-map.js';

/** What is at a path. The same object as long as the content stays the same. */
export type FileReading =
  | { readonly kind: 'missing' }
  | { readonly kind: 'text'; readonly text: string }
  /** There, but no text: `message` says why, in the words of the operating system where it was asked. */
  | { readonly kind: 'unreadable'; readonly message: string };

/** A text that counted was lost; `kept`: it counts all the same until the process ends. */
export interface LostText {
  readonly path: string;
  readonly found: 'missing' | 'empty' | 'cut off';
  readonly kept: boolean;
}

export interface SettledFiles {
  /**
   * Never throws. `maxBytes`: what is longer is unreadable. Waits at most FIRST_BLANK_MS, and only for a file that has
   * just changed.
   */
  read(file: string, maxBytes: number): FileReading;
  /** This process has put `text` there: it counts as soon as it is read. */
  expect(file: string, text: string): void;
  /** Files that are without the text that counts, as told. */
  lost(): readonly LostText[];
}

export interface SettledFilesOptions {
  /** Files whose text stays until the process ends, when they are missing or empty afterwards. */
  readonly keeps?: (file: string) => boolean;
  /** Told once a loss. */
  readonly onLost?: (lost: LostText) => void;
  /** How long a loss is not believed, ms (default LOSS_MS). */
  readonly lossMs?: number;
  /** False: the first reading takes what is there (default true). For files that nobody is about to save. */
  readonly waits?: boolean;
  /** What is no UTF-8 makes a file unreadable (default), or is replaced. */
  readonly encoding?: 'strict' | 'replace';
}

/** A change of this age, ms, is complete: programs write what they have at once. */
const REST_MS = 30;
/** Between two readings that have to be the same, ms. */
const PAUSE_MS = 4;
/** A loss is believed after this, ms: longer than any save takes on a loaded machine. */
const LOSS_MS = 2000;
/** At the first reading there is nothing to fall back on: this long, ms, a fresh empty file is waited for. */
const FIRST_BLANK_MS = 300;
/** How often a file is read anew that changes between two `fstat`. */
const TORN_TRIES = 10;
/** Time stamps tick every 4 to 10 ms: a file changed this recently, ms, may change again without a new one. */
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
  /** Null: there are none that could be read. */
  readonly bytes: Buffer | null;
  /** How long ago it changed when it was looked at, ms. */
  readonly age: number;
  /** It changed while it was read, every time. */
  readonly torn: boolean;
}

interface State {
  stamp: string;
  reading: FileReading;
  bytes: Buffer | null;
  /** The stamp alone does not say that nothing has changed. */
  racy: boolean;
  /** What was found in the place of the text that counts, and since when (monotonic, ms). */
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
    // What counts now was not what this process wrote, or it has been seen.
    if (now.bytes !== state?.bytes) own.delete(file);
    memory.set(file, now);
    return now.reading;
  }

  const first = (file: string, how: HowToRead): State => (waits ? firstLook(file, how) : accepted(lookAt(file, how)));

  /** What follows on what counted so far. */
  function next(file: string, how: HowToRead, state: State): State {
    let look = lookAt(file, how);
    for (const deadline = performance.now() + 2 * REST_MS; ;) {
      if (sameContent(look, state)) return { ...accepted(look), reading: state.reading };
      if (isOwn(file, look)) return accepted(look);
      const found = lossOf(look, state);
      // What was renamed into place was written before that; it only has to rest, unless an administrator's word is at
      // stake.
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

  /** Keeps what counted until the loss is old enough to be meant. */
  function doubted(file: string, look: Look, state: State, found: LostText['found']): State {
    const since = state.doubt?.stamp === look.stamp ? state.doubt.since : performance.now();
    const age = Math.max(performance.now() - since, look.bytes === null ? 0 : look.age);
    if (age < lossMs) return { ...state, racy: true, doubt: { stamp: look.stamp, since } };
    const kept = found !== 'cut off' && keeps(file);
    if (state.lost?.found !== found || !kept) onLost({ path: file, found, kept });
    if (!kept) return accepted(look);
    // The stamp of what lies there now: as long as nothing lies there, a `stat` is all that is needed.
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
 * The first reading has nothing to fall back on: it waits for what has just changed, and a text that was seen while the
 * file is being saved all the time counts before its being empty does.
 */
function firstLook(file: string, how: HowToRead): State {
  let look = lookAt(file, how);
  let seen: Look | null = null;
  for (const began = performance.now(); performance.now() - began < FIRST_BLANK_MS;) {
    if (look.bytes === null && look.reading.kind !== 'missing') break;
    const text = look.torn || look.bytes === null || blank(look.bytes) ? null : look;
    const age = look.bytes === null ? folderAge(file) : look.age;
    const enough = text !== null || look.bytes === null ? REST_MS : FIRST_BLANK_MS;
    if (!look.torn && age >= enough && (text !== null || seen === null)) break;
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

/** How what was found is less than what counted, or null. */
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
  // eslint-disable-next-line no-restricted-syntax -- whether two readings are the same
  a.kind === b.kind && (a.kind !== 'unreadable' || (b.kind === 'unreadable' && a.message === b.message));

const sameBytes = (a: Buffer | null, b: Buffer | null): boolean => (a === null || b === null ? a === b : a.equals(b));

/** Texts end with the end of a line; one that does not, or is shorter than what was there, may have more to come. */
const whole = ({ bytes }: Look, state: State): boolean =>
  bytes === null || (bytes.at(-1) === 0x0a && bytes.length >= (state.bytes?.length ?? 0));

const BLANKS: readonly number[] = [0x20, 0x09, 0x0a, 0x0d, 0];
/** NULs too: a file may be given its length before its text. */
const blank = (bytes: Buffer): boolean => bytes.every((byte) => BLANKS.includes(byte));

/** Of the two times of a file the one that is closer to now: either can be set to anything, but not both by writing. */
function ageOf({ mtimeNs, ctimeNs }: fs.BigIntStats): number {
  const now = Date.now();
  return Math.min(Math.abs(now - Number(mtimeNs) / 1e6), Math.abs(now - Number(ctimeNs) / 1e6));
}

/** How long ago, ms, names appeared in or vanished from the folder of a file. */
function folderAge(file: string): number {
  try {
    return Math.abs(Date.now() - fs.statSync(path.dirname(file)).mtimeMs);
  } catch {
    return Infinity; // No folder: nobody is about to put the file there.
  }
}

const WAITER = new Int32Array(new SharedArrayBuffer(4));
const pause = (ms: number): void => void Atomics.wait(WAITER, 0, 0, ms);

/** Device and inode of a stamp. */
const inode = (stamp: string): string => stamp.split(':', 2).join(':');

function stampAt(file: string): string {
  try {
    const stat = fs.statSync(file, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? MISSING : stampOf(stat);
  } catch (error) {
    return `error ${(error as NodeJS.ErrnoException).code}`;
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

/** Opens, reads and judges one descriptor. */
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
    // Without O_NONBLOCK a pipe would wait for a writer, and with it the whole daemon.
    descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A folder of the path is a file: there is no such file either.
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

/** At most `size` bytes, fewer when the file has become shorter: then its stamp has changed as well. */
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
