/**
 * A unix socket's name in the file system: taken by exactly one living server, never lost to a dead one.
 *
 * The server listens under a private name in the same folder, where its mode is set; only then is it linked to its real
 * name, which fails if the name is taken. What stands there is then looked at: something that is not a socket stays
 * untouched, a living server wins, and a dead one's socket is moved aside (atomically, and looked at again) and removed.
 * So two daemons that start at once, over the leftovers of a killed one, cannot both win, and no lock file can be left.
 *
 * A path of more than 107 bytes does not fit the kernel's address (sun_path): then the socket gets a short name in a
 * private folder of the temporary directory, and the real name is a symlink to it (§12). Sockets of killed servers in
 * that folder are removed at the next start.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { MAX_ADDRESS_BYTES, socketAddress } from './socket-address.js';
import { osErrorText, StartError } from './start-error.js';

export interface SocketClaim {
  /** Removes what was made, unless it is another server's by now. Idempotent, never throws. */
  release(): void;
}

/** Makes `server` listen and owns `socketPath` until released. Throws StartError. */
export async function claimSocket(socketPath: string, server: net.Server): Promise<SocketClaim> {
  makeFolder(path.dirname(socketPath));
  if (Buffer.byteLength(socketPath) <= MAX_ADDRESS_BYTES) {
    return claimName(socketPath, await listenPrivately(path.dirname(socketPath), server), fs.linkSync);
  }
  const folder = shortFolder();
  await sweep(folder);
  const name = createHash('sha256').update(socketPath).digest('hex').slice(0, 32);
  const target = path.join(folder, `${name}.${process.pid}`);
  await listen(server, target);
  return claimName(socketPath, target, (real) => fs.symlinkSync(real, socketPath));
}

type Join = (listening: string, name: string) => void;

/** Gives the listening socket its real name, or throws and leaves no trace. */
async function claimName(name: string, listening: string, join: Join): Promise<SocketClaim> {
  const linked = join === fs.linkSync;
  try {
    const identity = fs.statSync(listening);
    await takeName(name, () => join(listening, name));
    if (linked) fs.rmSync(listening);
    return {
      release() {
        if (!linked) remove(listening);
        if (linked ? isSame(name, identity) : pointsTo(name, listening)) remove(name);
      },
    };
  } catch (error) {
    remove(listening);
    throw error;
  }
}

/** How often the name may be found taken by yet another dead server before it is an error. */
const ATTEMPTS = 20;

async function takeName(name: string, join: () => void): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      return join();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw startError(name, error);
    }
    await removeIfDead(name);
  }
  throw new StartError(`app-server control socket is taken over and over again at ${name}`);
}

/** Throws StartError when a living server, or something that is not a socket, has the name. */
async function removeIfDead(name: string): Promise<void> {
  if (!isSocket(name)) throw new StartError(`app-server control socket path exists and is not a socket: ${name}`);
  if (await isAlive(name)) throw new StartError(`app-server control socket is already in use at ${name}`);
  // Moved, not removed: if another server took the name since we looked, it is that server's socket that we hold now.
  const aside = `${name}.${process.pid}.stale`;
  try {
    fs.renameSync(name, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw startError(name, error);
  }
  if (await isAlive(aside)) {
    fs.renameSync(aside, name);
    throw new StartError(`app-server control socket is already in use at ${name}`);
  }
  remove(aside);
}

/** A socket, or a symlink to one or to nothing: the trace of a server with a long path. */
function isSocket(name: string): boolean {
  const own = fs.lstatSync(name, { throwIfNoEntry: false });
  if (!own) return true; // gone since
  if (!own.isSymbolicLink()) return own.isSocket();
  return fs.statSync(name, { throwIfNoEntry: false })?.isSocket() ?? true;
}

/** Whether anybody accepts connections there. */
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
      // A full backlog (EAGAIN) or another's socket (EACCES) is a server for all we know.
      end(!['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes(error.code ?? ''));
    });
  });
}

/** Listens in that folder under a name that nobody looks for, and makes the socket private. Returns the name. */
async function listenPrivately(folder: string, server: net.Server): Promise<string> {
  await sweep(folder, PRIVATE_NAME);
  const name = path.join(folder, `.codexd-${process.pid}-${Date.now().toString(36)}`);
  const address = socketAddress(name);
  await listen(server, address.path).catch((error: unknown) => {
    address.close();
    throw error;
  });
  server.once('close', () => address.close());
  return name;
}

/** Names that are ours alone: sockets that a start was killed over, before or after it had its name. */
const PRIVATE_NAME = /^\.codexd-\d+-\w+$|\.\d+\.stale$/;

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

function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw startError(folder, error);
  }
  const link = fs.lstatSync(folder);
  const mine = process.getuid?.();
  if (link.isSymbolicLink() && mine !== undefined && link.uid !== mine && link.uid !== 0) {
    throw new StartError(`${folder} is a symlink of another user, who could point it anywhere: choose another folder`);
  }
}

/** The private folder for short names: ours, a real folder, closed to everybody else. */
function shortFolder(): string {
  const uid = process.getuid?.() ?? os.userInfo().username;
  const folder = path.join(os.tmpdir(), `codexd-${uid}`);
  makeFolder(folder);
  const found = fs.lstatSync(folder);
  if (!found.isDirectory() || (process.getuid && found.uid !== process.getuid())) {
    throw new StartError(`${folder} is not a folder of this user: remove it, or choose a shorter socket path`);
  }
  fs.chmodSync(folder, 0o700);
  return folder;
}

/** Removes the sockets of these names that killed servers have left. */
async function sweep(folder: string, names = /./): Promise<void> {
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    if (!names.test(name)) continue;
    if (fs.lstatSync(file, { throwIfNoEntry: false })?.isSocket() && !(await isAlive(file))) remove(file);
  }
}

function isSame(name: string, identity: fs.Stats): boolean {
  const found = fs.lstatSync(name, { throwIfNoEntry: false });
  return found?.ino === identity.ino && found.dev === identity.dev;
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
    // Another start takes it over.
  }
}

const startError = (where: string, error: unknown): StartError =>
  error instanceof StartError
    ? error
    : new StartError(`cannot listen on the unix socket at ${where}: ${osErrorText(error)}`);
