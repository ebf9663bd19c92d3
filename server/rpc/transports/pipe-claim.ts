/**
 * Claims the named pipe of a socket path on Windows, as socket-claim.ts claims the path itself elsewhere: one living
 * server has it, and a dead one never keeps it, because Windows ends a pipe with its last process.
 */
import net from 'node:net';
import path from 'node:path';
import { pipeName } from '../../../clients/typescript/pipe-name.js';
import { StartError } from '../../errors/start-error.js';
import { makeFolderForUser } from '../../system/files/private-files.js';
import { osErrorText } from '../../system/node/os-errors.js';
import { serveOnPipe } from '../../system/programs/local-server.js';
import type { SocketClaim } from './socket-claim.js';

/** As claimSocket, for the user alone: a group is refused. Throws StartError. */
export async function claimPipe(file: string, server: net.Server, group: number | null): Promise<SocketClaim> {
  if (group !== null) throw new StartError('Windows has no sockets for a group: start it without --socket-group');
  try {
    // The name of the pipe depends on the folder's real path.
    makeFolderForUser(path.dirname(file));
  } catch (error) {
    throw new StartError(`cannot make the folder of the unix socket at ${file}: ${osErrorText(error)}`);
  }
  const name = pipeName(file);
  const inUse = new StartError(`app-server control socket is already in use at ${file}`);
  if (await isAlive(name)) throw inUse;
  const pipe = await serveOnPipe(name, (connection) => server.emit('connection', connection));
  if (pipe === ACCESS_DENIED || pipe === PIPE_BUSY) throw inUse; // Started in the same moment, or by another user.
  if (typeof pipe === 'number') throw new StartError(`cannot listen on the pipe of ${file} (os error ${pipe})`);
  return { release: () => pipe.close() };
}

/** winerror.h. */
const ACCESS_DENIED = 5;
const PIPE_BUSY = 231;

function isAlive(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(name);
    probe.once('connect', () => (probe.destroy(), resolve(true)));
    probe.once('error', () => resolve(false));
  });
}
