/**
 * Everything of the daemon's own that has to have a name.
 *
 * Threat: commands run as the same user, so no mode keeps them from what they can name: a socket of any daemon of this
 * user runs commands without a sandbox for whoever connects, a launch file says what the next sandbox is, and a folder
 * that a command can write it can exchange while the daemon works in it.
 * Rule: a file, socket or folder that the daemon makes for itself lies in one of the folders below; every sandbox masks
 * them all, also one that leaves the files alone (sandbox/linux). Nothing of the daemon's lies in $TMPDIR, /tmp or a
 * workspace: os.tmpdir and mkdtemp are for this file alone (eslint). What needs no name gets none
 * (exec/process/pipe-maker.ts).
 * Scope: where things lie. Non-scope: what the user names themself, and commands without any sandbox.
 */
import { isCode, CodexdError, type ErrorDetails } from '../../errors/codexd-error.js';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { osTroubleText } from '../node/os-errors.js';

/** Such a folder cannot be trusted or made; the message names it. */
const scratchError = (message: string, details?: ErrorDetails): CodexdError =>
  new CodexdError('machine.scratch', message, details);

/** Filters, masks and launch files: in the hidden part of the Codex home. */
export const sandboxFolder = (codexHome: string): string => path.join(codexHome, 'tmp', 'codexd-sandbox');

/**
 * Where every daemon of this user listens, whatever its Codex home and $TMPDIR: made when missing. Throws
 * `machine.scratch`.
 *
 * In memory where Linux has it, since every sandbox has a /dev/shm of its own: also a folder that another daemon makes
 * later is not there for a command that runs already. And nothing cleans up there, as it does in /tmp.
 */
export const socketsFolder = (): string => firstFolder(socketsFolders(''), 0o700);

/**
 * The same for sockets that a group may use: others can pass through it, and look into nothing. Throws
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
 * Sockets in these folders, by the daemon that made each (rpc/transports/socket-claim.ts names them `PID-…`). Nothing
 * is made.
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
 * What every sandbox masks besides its own folder: where daemons of this user listen, the official program's included
 * (docs/protocol/transport.md §12).
 */
export const hiddenScratch = (): readonly string[] => [
  ...socketsFolders(''),
  ...socketsFolders(SHARED),
  `/tmp/codex-daemon-${user()}`,
];

/**
 * A fresh name for a text that is to be moved to `target` in one step: in the folder `hidden`, where commands do not
 * see it, or beside the target when that lies on another file system.
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

/** Where programs of this user put what is temporary. To judge paths by; nothing of the daemon's goes there. */
export const temporaryFolder = (): string => os.tmpdir();

const user = (): number | string => process.getuid?.() ?? os.userInfo().username;

/**
 * Makes a folder that this user alone can look into: a real one, of ours, closed to everybody else. `mode` 0711 lets
 * others pass through. Throws `machine.scratch`.
 */
export function makePrivateFolder(folder: string, mode: 0o700 | 0o711 = 0o700): void {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    // What is judged is what is opened: the name may be exchanged in between by whoever can write above it.
    const opened = fs.openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      const stat = fs.fstatSync(opened);
      if (process.getuid && stat.uid !== process.getuid()) throw scratchError(`${folder} is somebody else's`);
      if ((stat.mode & 0o777) !== mode) fs.fchmodSync(opened, mode);
    } finally {
      fs.closeSync(opened);
    }
  } catch (error) {
    if (isCode(error, 'machine.scratch')) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const link = code === 'ELOOP' || code === 'ENOTDIR' || code === 'EEXIST';
    throw scratchError(
      link
        ? `${folder} is a link or not a folder`
        : `${folder} cannot be made or used: ${osTroubleText(error) ?? message}`,
      { cause: error },
    );
  }
}
const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants;
