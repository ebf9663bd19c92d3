/**
 * The daemon's own folder for what bubblewrap reads: filters, masks and launch files.
 *
 * Threat: who can write here decides what the next command's sandbox is; who can read here sees other commands'
 * environments. Rule: the folder is 0700, belongs to this user, is no symlink, and no sandboxed command can see it
 * (policy.ts hides it). Filters are compared with what they should be once a start and written anew when they differ.
 * Several daemons can share it: nothing in it is ever changed in place.
 */
import { isCode } from '../../errors/codexd-error.js';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { writeFileAtomically } from '../../system/files/replace-file.js';
import { encodePath } from '../../system/files/path-bytes.js';
import { osTroubleText } from '../../system/node/os-errors.js';
import { makePrivateFolder } from '../../system/files/scratch.js';
import { sandboxRefused, isSandboxRefusal } from '../policy/sandbox.js';
import { seccompProgram, type FilterMode } from './seccomp.js';
import type { FilterArchitecture } from './syscalls.js';

export interface RuntimeFolder {
  readonly path: string;
  /** The filter programs by mode. */
  readonly filters: Readonly<Record<FilterMode, string>>;
  /** A folder and a file of mode 000: stand where nothing may be read. */
  readonly hiddenFolder: string;
  readonly hiddenFile: string;
  /** Writes a launch file of NUL-ended words. Returns its path and what removes it. */
  launchFile(words: readonly string[]): { readonly path: string; remove(): void };
  /** A launch file without a name, by its descriptor, which the caller closes. */
  launchDescriptor(words: readonly string[]): number;
}

const MODES: readonly FilterMode[] = ['offline', 'lane', 'direct'];

/** Makes the folder ready. Throws `sandbox.refused` when it cannot be trusted or written. */
export function openRuntimeFolder(folder: string, architecture: FilterArchitecture): RuntimeFolder {
  try {
    makePrivateFolder(folder);
    const root = fs.realpathSync(folder);
    const at = (name: string): string => path.join(root, name);
    makeFolder(at('launch'), 0o700);
    sweepLaunchFiles(at('launch'));
    return {
      path: root,
      filters: Object.fromEntries(
        MODES.map((mode) => {
          const file = at(`${mode}-${architecture}.bpf`);
          writeOnce(file, seccompProgram(architecture, mode), 0o400);
          return [mode, file];
        }),
      ) as Record<FilterMode, string>,
      hiddenFolder: makeFolder(at('hidden'), 0o000),
      hiddenFile: writeOnce(at('hidden-file'), Buffer.alloc(0), 0o000),
      launchFile: (words) => writeLaunchFile(at('launch'), words),
      launchDescriptor: (words) => openLaunchFile(at('launch'), words),
    };
  } catch (error) {
    if (isSandboxRefusal(error)) throw error;
    const why = (isCode(error, 'machine.scratch') ? null : osTroubleText(error)) ?? (error as Error).message;
    throw sandboxRefused(`the sandbox cannot use its folder ${folder}: ${why}`, { cause: error });
  }
}

function makeFolder(folder: string, mode: number): string {
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  // Not in mkdir: the umask would cut it.
  fs.chmodSync(folder, mode);
  return folder;
}

/** By way of a new name, so that a daemon beside us never reads half a filter. */
function writeOnce(file: string, content: Buffer, mode: number): string {
  const stat = fs.lstatSync(file, { throwIfNoEntry: false });
  // A mask of mode 000 cannot be read back by an ordinary user; its length tells enough.
  const same = stat?.isFile() && (stat.mode & 0o777) === mode && stat.size === content.length;
  if (same && (content.length === 0 || fs.readFileSync(file).equals(content))) return file;
  writeFileAtomically(file, content, { mode });
  return file;
}

/** bubblewrap reads it within milliseconds; a command that is never started must not leave its environment on disk. */
const LAUNCH_FILE_LIFE_MS = 30_000;

function writeLaunchFile(folder: string, words: readonly string[]): { path: string; remove(): void } {
  const file = path.join(folder, `${process.pid}-${randomBytes(8).toString('hex')}`);
  fs.writeFileSync(file, encode(words), { mode: 0o600, flag: 'wx' });
  const remove = (): void => {
    clearTimeout(timer);
    fs.rmSync(file, { force: true });
  };
  const timer = setTimeout(remove, LAUNCH_FILE_LIFE_MS).unref();
  return { path: file, remove };
}

/** open(2): a file without a name. The same on x86-64 and arm64 but for O_DIRECTORY, which is a part of it. */
const O_TMPFILE = 0o20000000 | fs.constants.O_DIRECTORY;
/** Memory on every Linux, so that no environment reaches a disk. */
const MEMORY_FOLDER = '/dev/shm';

/** A file of these words that has no name, open at its start. */
function openLaunchFile(folder: string, words: readonly string[]): number {
  const content = encode(words);
  const descriptor = openNameless(folder);
  // At a position, which leaves that of the descriptor where it is.
  for (let at = 0; at < content.length;) at += fs.writeSync(descriptor, content, at, content.length - at, at);
  return descriptor;
}

function openNameless(folder: string): number {
  try {
    return fs.openSync(MEMORY_FOLDER, O_TMPFILE | fs.constants.O_RDWR, 0o600);
  } catch {
    const file = path.join(folder, `${process.pid}-${randomBytes(8).toString('hex')}`);
    const descriptor = fs.openSync(file, 'wx+', 0o600);
    fs.unlinkSync(file);
    return descriptor;
  }
}

function encode(words: readonly string[]): Buffer {
  // With a NUL in one word, what follows it would be read as further options of bubblewrap.
  if (words.some((word) => word.includes('\0'))) throw sandboxRefused('nul byte found in provided data');
  return encodePath(words.map((word) => `${word}\0`).join(''));
}

/** What a daemon left that was killed between writing a launch file and removing it. */
function sweepLaunchFiles(folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    const written = fs.lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - written > LAUNCH_FILE_LIFE_MS) fs.rmSync(file, { force: true });
  }
}
