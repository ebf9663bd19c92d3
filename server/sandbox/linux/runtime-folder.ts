/**
 * The daemon's own folder for the files that bubblewrap reads: filters, masks and launch files.
 *
 * Threat: a program that can write here controls the next command's sandbox; one that can read here sees other
 * commands' environments. Rule: the folder is 0700, belongs to this user, is no symlink, and is hidden from every
 * sandboxed command (policy.ts). Each start compares the filters with their expected content and rewrites them when
 * they differ. Several daemons can share the folder: nothing in it is ever changed in place.
 */
import { recordOf } from '../../system/node/objects.js';
import { messageOf } from '../../errors/message-of.js';
import { isCode } from '../../errors/codexd-error.js';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { osCode } from '../../errors/os-code.js';
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
  /** A folder and a file of mode 000. They cover places where nothing may be read. */
  readonly hiddenFolder: string;
  readonly hiddenFile: string;
  /** A file with this content that every command may read. */
  sharedFile(content: string | Buffer): string;
  /** Writes a launch file of NUL-ended words. Returns its path and the function that removes it. */
  launchFile(words: readonly string[]): { readonly path: string; remove(): void };
  /** Opens an empty file without a name, for a launch file or a script. The caller closes it. */
  openNameless(): number;
}

const MODES: readonly FilterMode[] = ['offline', 'lane', 'direct'];

/** Prepares the folder. Throws `sandbox.refused` when it cannot be trusted or written. */
export function openRuntimeFolder(folder: string, architecture: FilterArchitecture): RuntimeFolder {
  try {
    makePrivateFolder(folder);
    const root = fs.realpathSync(folder);
    const at = (name: string): string => path.join(root, name);
    makeFolder(at('launch'), 0o700);
    sweepLaunchFiles(at('launch'));
    return {
      path: root,
      filters: recordOf(MODES, (mode) => {
        const file = at(`${mode}-${architecture}.bpf`);
        writeOnce(file, seccompProgram(architecture, mode), 0o400);
        return file;
      }),
      hiddenFolder: makeFolder(at('hidden'), 0o000),
      hiddenFile: writeOnce(at('hidden-file'), Buffer.alloc(0), 0o000),
      sharedFile: (content) => writeOnce(at(`shared-${digest(content)}`), Buffer.from(content), 0o444),
      launchFile: (words) => writeLaunchFile(at('launch'), words),
      openNameless: () => openNameless(at('launch')),
    };
  } catch (error) {
    if (isSandboxRefusal(error)) throw error;
    const why = (isCode(error, 'machine.scratch') ? null : osTroubleText(error)) ?? messageOf(error);
    throw sandboxRefused(`the sandbox cannot use its folder ${folder}: ${why}`, { cause: error });
  }
}

const digest = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

function makeFolder(folder: string, mode: number): string {
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    if (osCode(error) !== 'EEXIST') throw error;
  }
  // Not in mkdir: the umask would reduce the mode.
  fs.chmodSync(folder, mode);
  return folder;
}

/** Writes under a new name first, so that another daemon never reads a partial filter. */
function writeOnce(file: string, content: Buffer, mode: number): string {
  const stat = fs.lstatSync(file, { throwIfNoEntry: false });
  // An ordinary user cannot read a mask of mode 000 back; comparing its length is enough.
  const same = stat?.isFile() && (stat.mode & 0o777) === mode && stat.size === content.length;
  if (same && (content.length === 0 || fs.readFileSync(file).equals(content))) return file;
  writeFileAtomically(file, content, { mode });
  return file;
}

/**
 * bubblewrap reads the file within milliseconds. A command that never starts must not leave its environment on disk.
 */
const LAUNCH_FILE_LIFE_MS = 30_000;

function writeLaunchFile(folder: string, words: readonly string[]): { path: string; remove(): void } {
  const file = path.join(folder, `${process.pid}-${randomBytes(8).toString('hex')}`);
  fs.writeFileSync(file, encodeWords(words), { mode: 0o600, flag: 'wx' });
  const remove = (): void => {
    clearTimeout(timer);
    fs.rmSync(file, { force: true });
  };
  const timer = setTimeout(remove, LAUNCH_FILE_LIFE_MS).unref();
  return { path: file, remove };
}

/** open(2): a file without a name. The value is the same on x86-64 and arm64, except for its O_DIRECTORY part. */
const O_TMPFILE = 0o20000000 | fs.constants.O_DIRECTORY;
/** Memory on every Linux, so that no environment reaches a disk. */
const MEMORY_FOLDER = '/dev/shm';

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

/** The content of a launch file. Throws `sandbox.refused`. */
export function encodeWords(words: readonly string[]): Buffer {
  // After a NUL in a word, bubblewrap would read the rest as further options.
  if (words.some((word) => word.includes('\0'))) throw sandboxRefused('nul byte found in provided data');
  return encodePath(words.map((word) => `${word}\0`).join(''));
}

/** Removes the files of a daemon that was killed between writing and removing a launch file. */
function sweepLaunchFiles(folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    const written = fs.lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - written > LAUNCH_FILE_LIFE_MS) fs.rmSync(file, { force: true });
  }
}
