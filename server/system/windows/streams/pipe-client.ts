/**
 * A connection to a named pipe of Windows, if this user serves it.
 *
 * Threat: while no daemon runs, another user, or a sandboxed command, takes the name of its pipe. A client tells it
 * what the person writes, and does what it answers.
 * Rule: before a byte is sent, the open pipe is asked who owns it, and which process serves it. Only this user, the
 * system and the administrators count, and of this user only processes that no sandbox restricts. The server cannot act
 * as the client. An owner that cannot be asked does not count.
 * Scope: clients of this program. Non-scope: other programs, which connect by the same name; programs of this user that
 * run without a sandbox.
 */
import net from 'node:net';
import { CodexdError } from '../../../errors/codexd-error.js';
import { nodeError } from '../node-errors.js';
import { win32Security, Win32Error } from '../win32-security.js';
import { win32, type Handle } from '../win32.js';
import { pipeClientCalls, type PipeClientCalls } from './win32-pipe-client.js';
import { win32Pipes } from './win32-pipes.js';

/** winerror.h: all pipes of the server are taken at this moment. */
const PIPE_BUSY = 231;
/** As Node waits for a server whose pipes are all taken. */
const BUSY_LIMIT_MS = 30_000;
/** The system and the administrators, who can do everything as this user anyway. */
const ABOVE_USERS: readonly string[] = ['S-1-5-18', 'S-1-5-32-544'];

/** Throws what Node's connect throws; `machine.scratch` for a pipe of somebody else; `machine.native-module`. */
export async function connectToPipe(name: string): Promise<net.Socket> {
  const calls = pipeClientCalls();
  const pipe = await openPipe(name, calls);
  const why = distrustOf(pipe, ownNames(), calls);
  const descriptor = why === null ? win32Pipes().descriptorOf(pipe) : -1;
  if (descriptor >= 0) return new net.Socket({ fd: descriptor, readable: true, writable: true, allowHalfOpen: true });
  win32().closeHandle(pipe);
  throw why === null
    ? new CodexdError('machine.descriptors', `${name} cannot be opened: there are too many open files`)
    : new CodexdError(
        'machine.scratch',
        `${name} is not served by this user's codexd: ${why}; end the program that serves it`,
      );
}

/** The SIDs that own what this user makes. Wine has a group for that. */
function ownNames(): readonly string[] | Win32Error {
  const { ownSids, defaultOwner } = win32Security();
  const [sids, owner] = [ownSids(), defaultOwner()];
  if (sids instanceof Win32Error) return sids;
  return owner instanceof Win32Error ? owner : [...sids.slice(0, 1), owner];
}

/** Why the server of an open pipe does not count; null: it does. `own`: the SIDs of this user. */
export function distrustOf(pipe: Handle, own: readonly string[] | Win32Error, calls: PipeClientCalls): string | null {
  if (own instanceof Win32Error) return `this user cannot be read: ${own.toString()}`;
  const owner = calls.ownerOf(pipe);
  if (owner instanceof Win32Error) return `its owner cannot be read: ${owner.toString()}`;
  if (ABOVE_USERS.includes(owner)) return null;
  if (!own.includes(owner)) return `it belongs to ${owner}`;
  const restricted = calls.isServerRestricted(pipe);
  if (restricted instanceof Win32Error) return `its process cannot be looked at: ${restricted.toString()}`;
  return restricted ? 'its process is in a sandbox' : null;
}

async function openPipe(name: string, calls: PipeClientCalls): Promise<Handle> {
  const until = performance.now() + BUSY_LIMIT_MS;
  for (;;) {
    const pipe = calls.open(name);
    if (pipe > 0) return pipe;
    const left = until - performance.now();
    if (pipe !== -PIPE_BUSY || left <= 0)
      throw (
        nodeError('connect', name, -pipe) ??
        new CodexdError('machine.os', `${name} cannot be opened (os error ${-pipe})`)
      );
    await calls.whenFree(name, left);
  }
}
