/**
 * An append-only file of small facts that several daemons write at the same time.
 *
 * A fact is one line, written with one O_APPEND write. So the order of the lines is the order of the facts for every
 * daemon. When `append` returns, the fact is on disk and applied. A fact may depend on an earlier one. Then it states
 * its condition, and each daemon checks that condition when it applies the fact (facts-state.ts), so all daemons reach
 * the same state. Invalid lines (garbage, or incomplete because the disk was full) are skipped.
 *
 * Compaction needs no lock. A daemon that finds the file too long appends a seal. Lines after a seal do not count;
 * their writers write them again to the next file. The next generation of the file contains the state at the seal. The
 * first daemon that notices the seal creates it as a whole with link(2), also if the daemon that sealed has died.
 */
import fs from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { CodexdError } from '../../errors/codexd-error.js';
import { osCode } from '../../errors/os-code.js';
import { statIfThere } from '../../system/files/look.js';
import { isObject } from '../../system/node/objects.js';
import { makeFolderForUser, openForUser, writeNewForUser } from '../../system/files/private-files.js';

/** One fact: `k` is its kind, and the kind determines the other members. */
export interface Entry {
  readonly k: string;
  readonly [member: string]: unknown;
}

/** The state that the entries produce. */
export interface JournalState {
  /** Never throws: it ignores an invalid entry. */
  apply(entry: Entry): void;
  /** The shortest list of entries that produces this state. */
  entries(): Iterable<Entry>;
  reset(): void;
}

export interface Journal {
  /**
   * Applies the entries that other daemons wrote. It is cheap if there are none. Throws if the folder cannot be used.
   */
  catchUp(): void;
  /** Writes a fact and applies all entries up to it. Throws if the disk refuses; then the fact does not exist. */
  append(entry: Entry): void;
  close(): void;
}

export interface JournalOptions {
  readonly folder: string;
  readonly state: JournalState;
  /** The minimum size in bytes for a compaction. The file must also be four times as long as its state. */
  readonly compactFrom?: number;
}

const COMPACT_FROM = 1024 * 1024;
const CHUNK = 64 * 1024;
const LF = 0x0a;
const SEAL: Entry = { k: 'seal' };

export function openJournal({ folder, state, compactFrom = COMPACT_FROM }: JournalOptions): Journal {
  let file: OpenFile | null = null;

  /** Opens the newest generation and reads it from the start. */
  function load(): OpenFile {
    makeFolderForUser(folder);
    removeLeftovers(folder);
    if (file !== null) fs.closeSync(file.fd);
    file = null;
    state.reset();
    file = openNewest(folder);
    readOn(file, (entry) => state.apply(entry));
    file.compactedSize = sizeOf(state);
    return file;
  }

  /** Reads to the end, across all seals. */
  function current(): OpenFile {
    let open = file ?? load();
    // Another program truncated the file: read it again.
    if (fs.fstatSync(open.fd).size < open.offset) open = load();
    readOn(open, (entry) => state.apply(entry));
    while (open.sealed) {
      makeNext(folder, open.generation, state);
      open = load();
    }
    return open;
  }

  /** Returns null if the entry was written after a seal, or to a file that is no longer the journal. */
  function write(entry: Entry): OpenFile | null {
    const open = current();
    const line = Buffer.from(`${open.torn ? '\n' : ''}${JSON.stringify(entry)}\n`);
    const written = fs.writeSync(open.fd, line);
    if (written < line.length)
      throw new CodexdError('machine.disk-full', `only ${written} of ${line.length} bytes of a fact fit on the disk`);
    let counted = false;
    readOn(open, (read) => {
      if (read['e'] === entry['e']) counted = true;
      state.apply(read);
    });
    if (!counted) return null;
    if (isAt(open, pathOf(folder, open.generation))) return open;
    readOn(open, (read) => state.apply(read));
    // Another daemon has compacted the file since; the fact was written before the seal.
    if (open.sealed) return open;
    // The folder was emptied: the state in memory is the only copy left.
    makeFolderForUser(folder);
    makeNext(folder, open.generation, state);
    load();
    // The fact is written again: applying the same fact twice has no further effect.
    return null;
  }

  /** Compaction runs before a fact is written, never after, because the writer checks the state after its fact. */
  function compactIfLong(): void {
    const open = current();
    if (open.offset <= compactFrom || open.offset <= COMPACT_FACTOR * open.compactedSize) return;
    fs.writeSync(open.fd, `${open.torn ? '\n' : ''}${JSON.stringify(SEAL)}\n`);
    current();
  }

  return {
    catchUp() {
      current();
    },
    append(entry) {
      compactIfLong();
      // Every entry gets a unique id, so that its writer recognises it.
      const own = { ...entry, e: randomUUID() };
      let open: OpenFile | null = null;
      for (let attempt = 0; open === null; attempt++) {
        if (attempt === MAX_ATTEMPTS) throw contended(folder);
        open = write(own);
      }
    },
    close() {
      if (file !== null) fs.closeSync(file.fd);
      file = null;
    },
  };
}

const COMPACT_FACTOR = 4;
/** A fact can be written after a seal once for each compaction that happens at the same moment. */
const MAX_ATTEMPTS = 100;

interface OpenFile {
  readonly generation: number;
  readonly fd: number;
  /** How far the file was read, up to the end of a line. */
  offset: number;
  /** The file ends in an incomplete line. */
  torn: boolean;
  sealed: boolean;
  /** The size of the file in bytes when it was loaded. */
  compactedSize: number;
}

const pathOf = (folder: string, generation: number): string => path.join(folder, `facts.${generation}.jsonl`);

function generationsIn(folder: string): number[] {
  return fs
    .readdirSync(folder)
    .flatMap((name) => /^facts\.(\d+)\.jsonl$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** Removes temporary files of daemons that died before they created a generation. */
function removeLeftovers(folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    if (!/^facts\..*\.tmp$/.test(name)) continue;
    const file = path.join(folder, name);
    const made = statIfThere(file)?.mtimeMs ?? Infinity;
    if (Date.now() - made > LEFTOVER_MS) fs.rmSync(file, { force: true });
  }
}
/** Writing a generation takes milliseconds, so an older temporary file is left over. In milliseconds. */
const LEFTOVER_MS = 60_000;

/** Opens the newest generation, or makes the first one, and removes those before it. */
function openNewest(folder: string): OpenFile {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const generations = generationsIn(folder);
    const generation = generations.at(-1) ?? 1;
    // A generation is created only after the one before it was sealed.
    for (const older of generations.slice(0, -1)) fs.rmSync(pathOf(folder, older), { force: true });
    const fd = openForUser(pathOf(folder, generation), 'a+');
    // Since the list was made, another daemon may have compacted this file and removed it. Then the open file is a new
    // one that nobody reads, and what is written to it is lost. The next generation exists before this one is removed.
    const newest = generationsIn(folder).at(-1) ?? generation;
    if (newest === generation) return { generation, fd, offset: 0, torn: false, sealed: false, compactedSize: 0 };
    fs.closeSync(fd);
  }
  throw contended(folder);
}

const contended = (folder: string): CodexdError =>
  new CodexdError('machine.contended', `the journal in ${folder} is compacted again and again`);

/** Passes each complete line after the last read position to `each`, up to a seal. */
function readOn(file: OpenFile, each: (entry: Entry) => void): void {
  const { size } = fs.fstatSync(file.fd);
  if (file.sealed || size <= file.offset) return;
  const buffer = Buffer.allocUnsafe(CHUNK);
  let rest: Buffer = Buffer.alloc(0);
  let position = file.offset;
  while (!file.sealed) {
    const bytes = fs.readSync(file.fd, buffer, 0, buffer.length, position);
    if (bytes === 0) break;
    position += bytes;
    rest = Buffer.concat([rest, buffer.subarray(0, bytes)]);
    let start = 0;
    for (let end = rest.indexOf(LF); end !== -1; end = rest.indexOf(LF, start)) {
      const entry = parseEntry(rest.toString('utf8', start, end));
      file.offset += end + 1 - start;
      start = end + 1;
      if (entry === null) continue;
      if (entry.k === SEAL.k) {
        file.sealed = true;
        break;
      }
      each(entry);
    }
    rest = rest.subarray(start);
  }
  file.torn = rest.length > 0;
}

const isEntry = (value: unknown): value is Entry => isObject(value) && typeof value.k === 'string';

function parseEntry(line: string): Entry | null {
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : null;
  } catch {
    return null;
  }
}

/** Creates the generation after `generation`, unless another daemon has created it. */
function makeNext(folder: string, generation: number, state: JournalState): void {
  const isPast = (): boolean => generationsIn(folder).some((other) => other > generation);
  if (isPast()) return;
  const temporary = path.join(folder, `facts.${process.pid}.${randomUUID()}.tmp`);
  const lines = [...state.entries()].map((entry) => `${JSON.stringify(entry)}\n`).join('');
  writeNewForUser(temporary, lines);
  try {
    fs.linkSync(temporary, pathOf(folder, generation + 1));
  } catch (error) {
    if (osCode(error) !== 'EEXIST') throw error;
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

function isAt({ fd }: OpenFile, file: string): boolean {
  const there = statIfThere(file);
  const { dev, ino } = fs.fstatSync(fd);
  return there !== undefined && there.dev === dev && there.ino === ino;
}

function sizeOf(state: JournalState): number {
  let bytes = 0;
  for (const entry of state.entries()) bytes += JSON.stringify(entry).length + 1;
  return bytes;
}
