/**
 * Claims a unix socket's name in the file system: exactly one living server owns it, and a dead server never keeps it.
 *
 * The server listens in the folder that all daemons of this user share and that every sandbox masks
 * (system/files/scratch.ts). The requested name is a symlink to it (docs/protocol/transport.md §12). So a command
 * cannot reach any daemon of its user, wherever the daemon's name lies. A path of more than 107 bytes, which does not
 * fit the kernel's address (sun_path), works too.
 *
 * Creating a symlink fails when the name is in use. Then the existing entry is checked. A file that is not a socket
 * stays untouched. A living server keeps the name. A dead server's link (or socket) is removed by one start at a time,
 * which holds the lock of the folder where all daemons of this user listen, and checks again: without the lock, two
 * starts after a killed server could both win. The kernel releases the lock, and no lock file remains. The next start
 * removes sockets of killed servers.
 *
 * A group's socket lies in a second such folder that everybody may pass through and nobody may list. The socket's own
 * mode decides who may connect.
 */
import { osCode } from '../../errors/os-code.js';
import { osErrorText } from '../../system/node/os-errors.js';
import { isCode } from '../../errors/codexd-error.js';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { GUARD_TIMEOUT_S, LOCK_RESULTS, lockDescriptors } from '../../system/files/lock-descriptors.js';
import { sharedSocketsFolder, socketsFolder } from '../../system/files/scratch.js';
import { processExists } from '../../system/linux/process-table.js';
import { socketAddress } from './socket-address.js';
import { StartError } from '../../errors/start-error.js';
import { statIfThere } from '../../system/files/look.js';

export interface SocketClaim {
  /** Removes the claim, unless another server has taken the name. Idempotent, never throws. */
  release(): void;
}

/**
 * Makes `server` listen and owns `socketPath` until the release. `group`: the number of the group that may also
 * connect; null: only this user. Throws StartError.
 */
export async function claimSocket(socketPath: string, server: net.Server, group: number | null): Promise<SocketClaim> {
  makeFolder(path.dirname(socketPath), group);
  const folder = ourFolder(group === null ? socketsFolder : sharedSocketsFolder);
  await sweep(folder);
  const listening = path.join(folder, `${process.pid}-${randomBytes(12).toString('hex')}`);
  await listen(server, listening);
  try {
    if (group !== null) share(listening, group, 0o660);
    await takeName(socketPath, () => fs.symlinkSync(listening, socketPath), ourFolder(socketsFolder));
  } catch (error) {
    remove(listening);
    server.close(); // An unreachable server would keep the process alive.
    throw error;
  }
  return {
    release() {
      remove(listening);
      if (pointsTo(socketPath, listening)) remove(socketPath);
    },
  };
}

/** How often another dead server's entry may be found before it is an error. */
const ATTEMPTS = 20;

/** `lockedBy`: the folder whose lock the removal of a dead entry needs. */
async function takeName(name: string, join: () => void, lockedBy: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      return join();
    } catch (error) {
      if (osCode(error) !== 'EEXIST') throw startError(name, error);
    }
    await assertDead(name);
    await inTurn(lockedBy, () => removeIfDead(name));
  }
  throw new StartError(`app-server control socket is taken over and over again at ${name}`);
}

/** Throws StartError when a living server or a file that is not a socket has the name. */
async function assertDead(name: string): Promise<void> {
  if (!isSocket(name)) throw new StartError(`app-server control socket path exists and is not a socket: ${name}`);
  if (await isAlive(name)) throw new StartError(`app-server control socket is already in use at ${name}`);
}

/** Holds the lock of the folder meanwhile. Throws StartError. */
async function inTurn(folder: string, work: () => Promise<void>): Promise<void> {
  const descriptor = fs.openSync(folder, 'r');
  try {
    const code = await lockDescriptors([descriptor]);
    if (code !== 0)
      throw new StartError(
        code === LOCK_RESULTS.noProgram
          ? 'the socket of a daemon that was killed cannot be replaced: there is neither flock nor perl on PATH; remove the socket, or install one of them'
          : `the socket of a daemon that was killed cannot be replaced: another start has held the lock of ${folder} for ${GUARD_TIMEOUT_S} seconds (${code}); try again`,
      );
    await work();
  } finally {
    fs.closeSync(descriptor);
  }
}

/** With the lock. Throws as assertDead: another start may have taken the name since the check. */
async function removeIfDead(name: string): Promise<void> {
  await assertDead(name);
  // Moved, not removed: the official program has no such lock, and this may be the socket that it made just now.
  const aside = `${name}.${process.pid}.${randomBytes(6).toString('hex')}.stale`;
  try {
    fs.renameSync(name, aside);
  } catch (error) {
    if (osCode(error) === 'ENOENT') return;
    throw startError(name, error);
  }
  if (await isAlive(aside)) {
    putBack(aside, name);
    throw new StartError(`app-server control socket is already in use at ${name}`);
  }
  remove(aside);
}

/** Unless the name has been taken meanwhile. */
function putBack(aside: string, name: string): void {
  try {
    fs.linkSync(aside, name); // of a symlink, the link itself
  } catch (error) {
    // Not every file system has such links, and a living server must not lose its name.
    if (osCode(error) !== 'EEXIST') return fs.renameSync(aside, name);
  }
  remove(aside);
}

/** A symlink to a socket or to nothing comes from a server; a socket comes from another program. */
function isSocket(name: string): boolean {
  const own = fs.lstatSync(name, { throwIfNoEntry: false });
  if (!own) return true; // disappeared meanwhile
  if (!own.isSymbolicLink()) return own.isSocket();
  return statIfThere(name)?.isSocket() ?? true;
}

/** Whether a server accepts connections there. */
function isAlive(name: string): Promise<boolean> {
  const address = socketAddress(name);
  return new Promise((resolve) => {
    const probe = net.connect({ path: address.path });
    const end = (alive: boolean): void => {
      probe.destroy();
      address.close();
      resolve(alive);
    };
    probe.once('connect', () => end(true));
    probe.once('error', (error: NodeJS.ErrnoException) => {
      // A full backlog (EAGAIN) or another user's socket (EACCES) counts as a server.
      end(!['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes(error.code ?? ''));
    });
  });
}

async function listen(server: net.Server, address: string): Promise<void> {
  const mask = process.umask(0o177); // the socket is 0600 from its first moment
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(address, () => {
        server.off('error', reject);
        resolve();
      });
      // bind() has happened within the call.
      process.umask(mask);
    });
  } catch (error) {
    throw startError(address, error);
  } finally {
    process.umask(mask);
  }
}

/** Gives the file to a group of this user; only root can use other groups. Throws StartError. */
function share(file: string, group: number, mode: number): void {
  try {
    fs.chownSync(file, process.getuid!(), group); // before the mode: no moment lets another group in
    fs.chmodSync(file, mode);
  } catch (error) {
    throw new StartError(
      `${file} cannot be given to group ${group}: ${osErrorText(error)}; the user who runs codexd has to be a member of it`,
    );
  }
}

function makeFolder(folder: string, group: number | null): void {
  try {
    const first = fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    // The folders that were created here: from the first one down to this.
    for (let made = folder; first !== undefined && group !== null && made.startsWith(first); made = path.dirname(made))
      share(made, group, 0o750);
  } catch (error) {
    throw startError(folder, error);
  }
  const link = fs.lstatSync(folder);
  const mine = process.getuid?.();
  if (link.isSymbolicLink() && mine !== undefined && link.uid !== mine && link.uid !== 0) {
    throw new StartError(`${folder} is a symlink of another user, who could point it anywhere: choose another folder`);
  }
}

function ourFolder(make: () => string): string {
  try {
    return make();
  } catch (error) {
    if (isCode(error, 'machine.scratch')) throw new StartError(`no folder to listen in: ${error.message}`);
    throw error;
  }
}

/**
 * Removes the sockets that killed servers left. The socket of a living process stays, even when nothing accepts
 * connections: between bind and listen, no server does.
 */
async function sweep(folder: string): Promise<void> {
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    const pid = Number.parseInt(name, 10);
    if (Number.isInteger(pid) && processExists(pid)) continue;
    if (fs.lstatSync(file, { throwIfNoEntry: false })?.isSocket() && !(await isAlive(file))) remove(file);
  }
}

function pointsTo(name: string, target: string): boolean {
  try {
    return fs.readlinkSync(name) === target;
  } catch {
    return false;
  }
}

function remove(file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // Another start removes it.
  }
}

const startError = (where: string, error: unknown): StartError =>
  error instanceof StartError
    ? error
    : new StartError(`cannot listen on the unix socket at ${where}: ${osErrorText(error)}`);
