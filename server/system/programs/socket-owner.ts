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
import { readFileSync, readlinkSync } from 'node:fs';
import fs from 'node:fs/promises';
import { isIPv4, isIPv6, type Socket } from 'node:net';
import { isCode } from '../../errors/codexd-error.js';
import { osCode } from '../../errors/os-code.js';
import { sharedFresh } from '../node/shared-fresh.js';
import { createSlices } from '../node/slices.js';
import { connectionOwners, type OwnerOf } from './connection-owner.js';

/**
 * Whether the peer of this accepted connection is, or may be, a sandboxed process. It may be one if no process is found
 * that has the other end open, and a sandboxed process that could have it is running (docs/security.md). If there is a
 * sandboxed process on this network, all processes are searched; else only the namespace of each is read.
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
  const { suspects, others, anyOnOurNetwork } = await survey();
  if (!anyOnOurNetwork) {
    // The process that had it open may have ended during the search.
    return (await findSocket(line))?.inode !== peer.inode;
  }
  if (await anyHolds(suspects, peer.inode)) return true;
  return !(await anyHolds(others.filter(isOfThisUser), peer.inode));
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

interface Owner {
  readonly uid: number;
  readonly inode: string;
}

async function findSocket({ local, remote }: Ends): Promise<Owner | null> {
  const ends = `${local} ${remote}`;
  // An IPv4 connection is rarely in the table of the other family, and the kernel needs milliseconds for each table.
  const line = (ends.length > LENGTH_OF_IPV4 ? undefined : (await lines4()).get(ends)) ?? (await lines6()).get(ends);
  const [, , , , , , , uid, , inode] = line?.trim().split(/ +/) ?? [];
  return uid === undefined || inode === undefined ? null : { uid: Number(uid), inode };
}

/**
 * The sockets of this machine: lines of a table of the kernel by their two ends. Clients that connect at once share a
 * reading, which begins after each of them asked: it takes a time that grows with the number of clients.
 *
 * proc_pid_net(5): `sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode …`.
 */
async function socketLines(table: string): Promise<ReadonlyMap<string, string>> {
  const lines = new Map<string, string>();
  for (const line of (await read(table)).split('\n')) {
    const from = line.indexOf(': ') + 2;
    const to = line.indexOf(' ', from) + 1;
    const ends = line.slice(from, line.indexOf(' ', to));
    const key = ends.length > LENGTH_OF_IPV4 ? ends.split(' ').map(plain).join(' ') : ends;
    if (from > 1 && to > 0 && !lines.has(key)) lines.set(key, line);
  }
  return lines;
}
const lines4 = sharedFresh(() => socketLines('/proc/self/net/tcp'));
const lines6 = sharedFresh(() => socketLines('/proc/self/net/tcp6'));
/** Two addresses with their ports. */
const LENGTH_OF_IPV4 = 2 * 13 + 1;

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

interface Survey {
  /** The sandboxed processes of this user, by their ids. */
  readonly suspects: readonly string[];
  /** All other processes that are not known to be another user's. */
  readonly others: readonly string[];
  /** Whether a sandboxed one is, or may be, on this network. */
  readonly anyOnOurNetwork: boolean;
}

/**
 * The processes, by facts that every user may read. Shared like the table of sockets. The name of its namespace shows
 * of almost every process that it is in no sandbox: the kernel writes a status in ten times that time.
 */
const survey = sharedFresh(async (): Promise<Survey> => {
  const ours = namespaceOf('self');
  const depth = namespaceDepth(statusOf('self'));
  const pids = (await fs.readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const suspects: string[] = [];
  const others: string[] = [];
  const slices = createSlices();
  for (const pid of pids) {
    const pause = slices.rest();
    if (pause !== undefined) await pause;
    if (ours !== null && namespaceOf(pid) === ours) {
      others.push(pid);
      continue;
    }
    const status = statusOf(pid);
    if (isThisUsers(status)) (namespaceDepth(status) > depth ? suspects : others).push(pid);
  }
  return { suspects, others, anyOnOurNetwork: await areAnyOnOurNetwork(suspects) };
});

const statusOf = (pid: string): string => readNow(`/proc/${pid}/status`);
const isOfThisUser = (pid: string): boolean => isThisUsers(statusOf(pid));

function isThisUsers(status: string): boolean {
  const effective = /^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1];
  return effective !== undefined && Number(effective) === process.geteuid?.();
}

/** The process namespace it is in; null: it is gone, or we may not see that. */
function namespaceOf(pid: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return null;
  }
}

/** In how many process namespaces it has an id, as far as this /proc shows them. */
const namespaceDepth = (status: string): number => /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/).length ?? 1;

async function areAnyOnOurNetwork(pids: readonly string[]): Promise<boolean> {
  const ours = await networkOf('self');
  const theirs = await Promise.all(pids.map(networkOf));
  return theirs.some((network) => network !== 'none' && [ours, 'unknown'].includes(network));
}

async function networkOf(pid: string): Promise<string> {
  try {
    return await fs.readlink(`/proc/${pid}/ns/net`);
  } catch (error) {
    return isGone(error) ? 'none' : 'unknown';
  }
}

async function anyHolds(pids: readonly string[], inode: string): Promise<boolean> {
  const found = await Promise.all(pids.map((pid) => holds(pid, inode)));
  return found.includes(true);
}

/** false as well when we may not look: a process that hides its descriptors proves nothing. */
async function holds(pid: string, inode: string): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const descriptors = await fs.readdir(folder).catch(() => []);
  const links = await Promise.all(descriptors.map((name) => fs.readlink(`${folder}/${name}`).catch(() => '')));
  return links.includes(`socket:[${inode}]`);
}

/** Empty when it is gone, or not ours to read. In another thread: the kernel needs milliseconds for a long table. */
const read = (file: string): Promise<string> => fs.readFile(file, 'latin1').catch(() => '');

/** Like `read`, for a short text that the kernel makes in less time than a reading in another thread costs. */
function readNow(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

const isGone = (error: unknown): boolean => ['ENOENT', 'ESRCH'].includes(osCode(error) ?? '');
