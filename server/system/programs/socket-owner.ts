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
import { isIPv4, isIPv6, type Socket } from 'node:net';
import { isCode } from '../../errors/codexd-error.js';
import { osCode } from '../../errors/os-code.js';
import { connectionOwners, type OwnerOf } from './connection-owner.js';

/**
 * Whether the peer of this accepted connection is, or may be, a sandboxed process. It may be one if no process is found
 * that has the other end open, and a sandboxed process that could have it is running (docs/security.md). If there is a
 * sandboxed process on this network, all processes are searched; else only the status of each is read.
 */
export async function mayBeSandboxed(connection: Socket): Promise<boolean> {
  const { remoteAddress, remotePort, localAddress, localPort } = connection;
  if (process.platform !== 'linux' && process.platform !== 'darwin') return false;
  if (!remoteAddress || remotePort === undefined || !localAddress || localPort === undefined) return true;
  if (process.platform === 'darwin') return onMac({ remoteAddress, remotePort, localAddress, localPort });
  const line = { local: endpoint(remoteAddress, remotePort), remote: endpoint(localAddress, localPort) };
  const peer = await findSocket(line);
  // No process has it open any more, so nobody waits for an answer.
  if (!peer || peer.inode === '0') return true;
  if (peer.uid !== process.geteuid?.()) return false;
  const processes = await ownProcesses(peer.uid);
  const suspects = processes.filter(({ sandboxed }) => sandboxed);
  if (!(await anyOnOurNetwork(suspects))) {
    // The process that had it open may have ended during the search.
    return (await findSocket(line))?.inode !== peer.inode;
  }
  if (await anyHolds(suspects, peer.inode)) return true;
  return !(await anyHolds(
    processes.filter(({ sandboxed }) => !sandboxed),
    peer.inode,
  ));
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

interface Ends {
  readonly local: string;
  readonly remote: string;
}

/** proc_pid_net(5): `sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode …`. */
async function findSocket({ local, remote }: Ends): Promise<{ uid: number; inode: string } | null> {
  for (const table of ['/proc/self/net/tcp', '/proc/self/net/tcp6']) {
    for (const line of (await read(table)).split('\n')) {
      const [, from, to, , , , , uid, , inode] = line.trim().split(/ +/);
      if (from === undefined || to === undefined || inode === undefined) continue;
      if (plain(from) === local && plain(to) === remote) return { uid: Number(uid), inode };
    }
  }
  return null;
}

/** Gives IPv4 addresses the same form in both tables. */
const plain = (shown: string): string => shown.replace(MAPPED, '');
const MAPPED = /^0{16}FFFF0000(?=[0-9A-F]{8}:)/;

/** An address in the kernel's form: words of four bytes in the machine's order (little-endian on x86-64 and arm64). */
function endpoint(address: string, port: number): string {
  const words = isIPv4(address) ? bytesOf4(address) : bytesOf6(address);
  const hex = (bytes: readonly number[]): string => Buffer.from(bytes).toString('hex').toUpperCase();
  let shown = '';
  for (let at = 0; at < words.length; at += 4) shown += hex(words.slice(at, at + 4).reverse());
  return plain(`${shown}:${hex([port >> 8, port & 0xff])}`);
}

const bytesOf4 = (address: string): number[] => address.split('.').map(Number);

function bytesOf6(address: string): number[] {
  const [zoneless = ''] = address.split('%');
  if (!isIPv6(zoneless)) throw new TypeError(`${address} is no IP address`);
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(zoneless);
  const text = dotted ? `${dotted[1]}${pairs(bytesOf4(dotted[2] ?? '')).join(':')}` : zoneless;
  const [head = '', tail] = text.split('::');
  const before = head ? head.split(':') : [];
  const after = tail ? tail.split(':') : [];
  const groups =
    tail === undefined ? before : [...before, ...Array(8 - before.length - after.length).fill('0'), ...after];
  return groups.flatMap((group: string) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

const pairs = (bytes: readonly number[]): string[] =>
  [0, 2].map((at) => (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16));

interface Process {
  readonly pid: string;
  readonly sandboxed: boolean;
}

/** The processes of that user, by facts that every user may read. */
async function ownProcesses(uid: number): Promise<readonly Process[]> {
  const depth = namespaceDepth(await read('/proc/self/status'));
  const pids = (await fs.readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid): Promise<Process | null> => {
      const status = await read(`/proc/${pid}/status`);
      const effective = /^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1];
      if (effective === undefined || Number(effective) !== uid) return null;
      return { pid, sandboxed: namespaceDepth(status) > depth };
    }),
  );
  return found.filter((one) => one !== null);
}

/** In how many process namespaces it has an id, as far as this /proc shows them. */
const namespaceDepth = (status: string): number => /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/).length ?? 1;

async function anyOnOurNetwork(processes: readonly Process[]): Promise<boolean> {
  const ours = await networkOf('self');
  const theirs = await Promise.all(processes.map(({ pid }) => networkOf(pid)));
  return theirs.some((network) => network !== 'none' && [ours, 'unknown'].includes(network));
}

async function networkOf(pid: string): Promise<string> {
  try {
    return await fs.readlink(`/proc/${pid}/ns/net`);
  } catch (error) {
    return isGone(error) ? 'none' : 'unknown';
  }
}

async function anyHolds(processes: readonly Process[], inode: string): Promise<boolean> {
  const found = await Promise.all(processes.map(({ pid }) => holds(pid, inode)));
  return found.includes(true);
}

/** false as well when we may not look: a process that hides its descriptors proves nothing. */
async function holds(pid: string, inode: string): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const descriptors = await fs.readdir(folder).catch(() => []);
  const links = await Promise.all(descriptors.map((name) => fs.readlink(`${folder}/${name}`).catch(() => '')));
  return links.includes(`socket:[${inode}]`);
}

/** Empty when it is gone, or not ours to read. */
const read = (file: string): Promise<string> => fs.readFile(file, 'latin1').catch(() => '');

const isGone = (error: unknown): boolean => ['ENOENT', 'ESRCH'].includes(osCode(error) ?? '');
