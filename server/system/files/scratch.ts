/**
 * The folders of the daemon's own files and sockets.
 *
 * Threat: commands run as the same user, so file modes do not protect a path that they can name. A daemon's socket runs
 * commands without a sandbox for every client, a launch file describes the next sandbox, and a command can replace a
 * folder that it can write while the daemon uses it.
 * Rule: files, sockets and folders that the daemon makes for itself are in the folders below. Every sandbox hides all
 * of them, also a sandbox without file restrictions (sandbox/linux). The daemon makes no file in $TMPDIR, /tmp or a
 * workspace: only this file may use os.tmpdir and mkdtemp (eslint enforces it). Objects that need no name have none
 * (exec/process/pipe-maker.ts).
 * Scope: the location of these files. Non-scope: paths that the user names, and commands without a sandbox.
 */
import { isCode, CodexdError, type ErrorDetails } from '../../errors/codexd-error.js';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { messageOf } from '../../errors/message-of.js';
import { osCode } from '../../errors/os-code.js';
import { osTroubleText } from '../node/os-errors.js';
import { makeFolderForUser } from './private-files.js';

/** Such a folder cannot be trusted or made; the message names it. */
const scratchError = (message: string, details?: ErrorDetails): CodexdError =>
  new CodexdError('machine.scratch', message, details);

/** Filters, masks and launch files: in the hidden part of the Codex home. */
export const sandboxFolder = (codexHome: string): string => path.join(codexHome, 'tmp', 'codexd-sandbox');

/**
 * The folder in which all daemons of this user listen, for every Codex home and $TMPDIR. It is made if it is missing.
 * Throws `machine.scratch`.
 *
 * On Linux it is in /dev/shm, because every sandbox has its own /dev/shm: a running command does not see a folder that
 * another daemon makes later. And no program cleans up /dev/shm, as some do in /tmp.
 */
export const socketsFolder = (): string => firstFolder(socketsFolders(''), 0o700);

/**
 * As socketsFolder, for sockets that a group may use: other users can pass through the folder but not list it. Throws
 * `machine.scratch`.
 */
export const sharedSocketsFolder = (): string => firstFolder(socketsFolders(SHARED), 0o711);
const SHARED = '-shared';

function firstFolder(folders: readonly string[], mode: 0o700 | 0o711): string {
  const problems: string[] = [];
  for (const folder of folders) {
    try {
      makePrivateFolder(folder, mode);
      return folder;
    } catch (error) {
      if (!isCode(error, 'machine.scratch')) throw error;
      problems.push(error.message);
    }
  }
  throw scratchError(problems.join('; '));
}

function socketsFolders(suffix: string): readonly string[] {
  const name = `codexd-${user()}${suffix}`;
  return process.platform === 'linux' ? [`/dev/shm/${name}`, `/tmp/${name}`] : [path.join(os.tmpdir(), name)];
}

/**
 * The sockets in these folders, each with the process of its daemon (rpc/transports/socket-claim.ts names them
 * `PID-…`). No folder is made.
 */
export function listSockets(): readonly { readonly file: string; readonly pid: number }[] {
  return [...socketsFolders(''), ...socketsFolders(SHARED)].flatMap((folder) => {
    try {
      return fs.readdirSync(folder).flatMap((name) => {
        const pid = /^(\d+)-[0-9a-f]+$/.exec(name)?.[1];
        return pid === undefined ? [] : [{ file: path.join(folder, name), pid: Number(pid) }];
      });
    } catch {
      return []; // No daemon of this user has listened there.
    }
  });
}

/**
 * The folders that every sandbox hides, in addition to the sandbox's own: those in which daemons of this user listen,
 * the official program's included (docs/protocol/transport.md §12).
 */
export const hiddenScratch = (): readonly string[] => [
  ...socketsFolders(''),
  ...socketsFolders(SHARED),
  `/tmp/codex-daemon-${user()}`,
];

/**
 * A new name for a temporary file that will be renamed to `target`: in the folder `hidden`, where commands do not see
 * it, or beside the target if that is on another file system.
 */
export function stagingFile(target: string, hidden: string): string {
  const folder = path.dirname(target);
  const near = sameFileSystem(folder, hidden) ? hidden : folder;
  return path.join(near, `.${path.basename(target)}.${randomUUID()}`);
}

function sameFileSystem(one: string, other: string): boolean {
  const [a, b] = [one, other].map((folder) => fs.statSync(folder, { throwIfNoEntry: false })?.dev);
  return a !== undefined && a === b;
}

/** The folder for temporary files of this user's programs. For comparing paths; the daemon makes no files there. */
export const temporaryFolder = (): string => os.tmpdir();

const user = (): number | string => process.getuid?.() ?? os.userInfo().username;

/**
 * Makes a folder that only this user can list: not a link, owned by this user, closed to other users. `mode` 0711:
 * other users can pass through. Throws `machine.scratch`.
 */
export function makePrivateFolder(folder: string, mode: 0o700 | 0o711 = 0o700): void {
  try {
    makeFolderForUser(folder);
    // The opened folder is checked, because a program that can write to its parent may replace the name.
    const opened = fs.openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      const stat = fs.fstatSync(opened);
      // Windows has no such owners and modes.
      const uid = process.getuid?.();
      if (uid !== undefined && stat.uid !== uid) throw scratchError(`${folder} is somebody else's`);
      if (uid !== undefined && (stat.mode & 0o777) !== mode) fs.fchmodSync(opened, mode);
    } finally {
      fs.closeSync(opened);
    }
  } catch (error) {
    if (isCode(error, 'machine.scratch')) throw error;
    const code = osCode(error);
    const link = code === 'ELOOP' || code === 'ENOTDIR' || code === 'EEXIST';
    throw scratchError(
      link
        ? `${folder} is a link or not a folder`
        : `${folder} cannot be made or used: ${osTroubleText(error) ?? messageOf(error)}`,
      { cause: error },
    );
  }
}
const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants;
