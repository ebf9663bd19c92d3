/**
 * Whether a sandboxed command is at the other end of a local TCP connection.
 *
 * Threat: a command with the host's network connects to a loopback port of the daemon and is treated as the user.
 * Rule: the kernel's table of connections contains the user of a socket, and whether a process has it open. A socket of
 * another user does not belong to a command of codexd, because the sandbox maps no other user. A socket of this user
 * counts as a sandboxed process's if such a process of this network could have it open, unless a process outside all
 * sandboxes is seen to have it open. A process counts as sandboxed if it is in an inner process namespace, made by any
 * program: also a container of this user that shares the host's network.
 * Scope: Linux and macOS, where the kernel says whether a process is in a sandbox (system/darwin/sandboxed-peer.ts). On
 * other systems, and without /proc, the answer is always no.
 * Non-scope: a process outside the sandbox that passes its connection to a command, such as a forwarder.
 */
import fs from 'node:fs/promises';
import type { Socket } from 'node:net';
import { isCode } from '../../errors/codexd-error.js';
import { packageRoot } from '../../package/package-root.js';
import { isOfThisUser, surveyProcesses } from '../linux/sandboxed-processes.js';
import type { SocketDiagnosis } from '../linux/socket-diagnosis.js';
import { findInTables, type SocketEnds, type SocketOwner } from '../linux/socket-table.js';
import { sharedFresh } from '../node/shared-fresh.js';
import { connectionOwners, type OwnerOf } from './connection-owner.js';

/**
 * Whether the peer of this accepted connection is, or may be, a sandboxed process. It may be one if no process is found
 * that has the other end open, and a sandboxed process that could have it is running (docs/security.md). If there is a
 * sandboxed process on this network, the descriptors of all processes are read; else only the namespace of each.
 */
export async function mayBeSandboxed(connection: Socket): Promise<boolean> {
  const { remoteAddress, remotePort, localAddress, localPort } = connection;
  if (process.platform !== 'linux' && process.platform !== 'darwin') return false;
  if (!remoteAddress || remotePort === undefined || !localAddress || localPort === undefined) return true;
  if (process.platform === 'darwin') return onMac({ remoteAddress, remotePort, localAddress, localPort });
  const ends = {
    localAddress: remoteAddress,
    localPort: remotePort,
    remoteAddress: localAddress,
    remotePort: localPort,
  };
  asking++;
  try {
    return await onLinux(ends);
  } finally {
    asking--;
  }
}

async function onLinux(ends: SocketEnds): Promise<boolean> {
  // The connection is older than the survey: who opened it was there, or has ended.
  const survey = await surveyProcesses();
  const peer = findAtOnce(ends) ?? (await findSocket(ends));
  // No process has it open any more, so nobody waits for an answer.
  if (!peer || peer.inode === '0') return true;
  if (!survey.anyOnOurNetwork || peer.uid !== process.geteuid?.()) return false;
  const { bySandboxed, byOthers } = await openSockets();
  return bySandboxed.has(peer.inode) || !byOthers.has(peer.inode);
}

async function onMac(ends: Parameters<OwnerOf>[0]): Promise<boolean> {
  const [{ isSandboxedPeer }, { sandboxMembers }, { libsystem }] = await Promise.all([
    import('../darwin/sandboxed-peer.js'),
    import('../darwin/sandbox-members.js'),
    import('../darwin/libsystem.js'),
  ]);
  try {
    return await isSandboxedPeer(ends, await connectionOwners(), sandboxMembers(libsystem()));
  } catch (error) {
    // Without the package for system calls no command starts at all.
    if (isCode(error, 'machine.native-module')) return false;
    throw error;
  }
}

/** How many connections wait for an answer. */
let asking = 0;
/** From so many on, the kernel is asked for each socket: loading what that needs takes as long as reading a table. */
const MANY = 4;
let diagnosis: Promise<SocketDiagnosis | null> | undefined;
/** The same, once it is open. */
let opened: SocketDiagnosis | null = null;

async function findSocket(ends: SocketEnds): Promise<SocketOwner | null> {
  if (asking >= MANY) diagnosis ??= openDiagnosis();
  opened = (await diagnosis) ?? null;
  return findAtOnce(ends) ?? findInTables(ends);
}

/** null: no such socket, or the kernel cannot be asked. Then the tables decide. */
function findAtOnce(ends: SocketEnds): SocketOwner | null {
  try {
    return opened?.find(ends) ?? null;
  } catch (error) {
    if (isCode(error, 'machine.os')) return null;
    throw error;
  }
}

/** null: the package for system calls is not there, or the kernel has no such conversation. */
async function openDiagnosis(): Promise<SocketDiagnosis | null> {
  const [{ loadLibc }, { openSocketDiagnosis }] = await Promise.all([
    import('../linux/libc.js'),
    import('../linux/socket-diagnosis.js'),
  ]);
  try {
    return openSocketDiagnosis(loadLibc(packageRoot()));
  } catch (error) {
    if (isCode(error, 'machine.native-module') || isCode(error, 'machine.os')) return null;
    throw error;
  }
}

/** The inodes of sockets that processes of this user have open. */
interface OpenSockets {
  readonly bySandboxed: ReadonlySet<string>;
  readonly byOthers: ReadonlySet<string>;
}

/** Read once for all connections that wait for it: it is the descriptors of every process. */
const openSockets = sharedFresh(async (): Promise<OpenSockets> => {
  const { suspects, others } = await surveyProcesses();
  return { bySandboxed: await socketsOf(suspects), byOthers: await socketsOf(others.filter(isOfThisUser)) };
});

async function socketsOf(pids: readonly number[]): Promise<ReadonlySet<string>> {
  const inodes = new Set<string>();
  const read = async (pid: number): Promise<void> => {
    const folder = `/proc/${pid}/fd`;
    // A process that hides its descriptors proves nothing.
    const descriptors = await fs.readdir(folder).catch(() => []);
    const links = await Promise.all(descriptors.map((name) => fs.readlink(`${folder}/${name}`).catch(() => '')));
    for (const link of links) if (link.startsWith(SOCKET)) inodes.add(link.slice(SOCKET.length, -1));
  };
  await Promise.all(pids.map(read));
  return inodes;
}
const SOCKET = 'socket:[';
