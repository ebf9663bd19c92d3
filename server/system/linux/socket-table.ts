/** The TCP sockets of this network namespace, by the tables that every user may read: proc_pid_net(5). */
import fs from 'node:fs/promises';
import { sharedFresh } from '../node/shared-fresh.js';
import { plainAddressBytes } from './socket-address.js';

/** The two ends of a connection, seen from one of them. */
export interface SocketEnds {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

export interface SocketOwner {
  readonly uid: number;
  /** '0': no process has the socket open any more. */
  readonly inode: string;
}

/**
 * Who made the socket with these ends; null: there is none. Clients that connect at once share a reading, which begins
 * after each of them asked: it takes a time that grows with the number of sockets.
 */
export async function findInTables(ends: SocketEnds): Promise<SocketOwner | null> {
  const key = `${endpoint(ends.localAddress, ends.localPort)} ${endpoint(ends.remoteAddress, ends.remotePort)}`;
  // An IPv4 connection is rarely in the table of the other family, and the kernel needs milliseconds for each table.
  const line = (key.length > LENGTH_OF_IPV4 ? undefined : (await lines4()).get(key)) ?? (await lines6()).get(key);
  const [, , , , , , , uid, , inode] = line?.trim().split(/ +/) ?? [];
  return uid === undefined || inode === undefined ? null : { uid: Number(uid), inode };
}

/**
 * Lines of a table by their two ends.
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
  const bytes = plainAddressBytes(address);
  const hex = (bytes: readonly number[]): string => Buffer.from(bytes).toString('hex').toUpperCase();
  let shown = '';
  for (let at = 0; at < bytes.length; at += 4) shown += hex(bytes.slice(at, at + 4).reverse());
  return `${shown}:${hex([port >> 8, port & 0xff])}`;
}

/** Empty when it is not there. In another thread: the kernel needs milliseconds for a long table. */
const read = (file: string): Promise<string> => fs.readFile(file, 'latin1').catch(() => '');
