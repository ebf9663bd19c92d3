/**
 * Who made a TCP socket, asked of the kernel by the two ends of its connection: sock_diag(7). An answer takes
 * microseconds, however many sockets there are; the tables of /proc (socket-table.ts) take milliseconds.
 */
import { BoundedMap } from '../node/bounded-map.js';
import type { Libc } from './libc.js';
import { Flag } from './netlink.js';
import { plainAddressBytes } from './socket-address.js';
import type { SocketEnds, SocketOwner } from './socket-table.js';

/** linux/netlink.h, linux/sock_diag.h, netinet/in.h, sys/socket.h. */
const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const IPPROTO_TCP = 6;
const AF_INET = 2;
const AF_INET6 = 10;

/**
 * linux/inet_diag.h. A request is a header of netlink, then `family protocol ext pad`, the wanted states, and the id of
 * a socket; an answer is a header, then `family state timer retransmits`, an id, and five numbers.
 */
const HEADER_BYTES = 16;
const ID_BYTES = 48;
const REQUEST_BYTES = HEADER_BYTES + 8 + ID_BYTES;
const ANSWER_BYTES = HEADER_BYTES + 4 + ID_BYTES + 20;
/** In a request and in an answer. */
const REQUEST_ID = HEADER_BYTES + 8;
const ANSWER_ID = HEADER_BYTES + 4;
/** In an id: two ports, two addresses of 16 bytes, the interface, a cookie. */
const ADDRESSES = 4;
const ADDRESS_BYTES = 16;
const ENDS_BYTES = ADDRESSES + 2 * ADDRESS_BYTES;
const COOKIE = 40;
/** INET_DIAG_NOCOOKIE. */
const ANY_COOKIE = 0xff;
const EVERY_STATE = 0xffffffff;
/** In an answer, after the id: expires, the two queues, the user, the inode. */
const USER = ANSWER_ID + ID_BYTES + 12;
const INODE = USER + 4;

export interface SocketDiagnosis {
  /** null: the kernel knows no such socket, or says nothing about it. Throws `machine.os` if it cannot be asked. */
  find(ends: SocketEnds): SocketOwner | null;
}

/** Opens a conversation with the kernel, which stays open. Throws `machine.os`. */
export function openSocketDiagnosis(libc: Libc): SocketDiagnosis {
  const socket = libc.netlinkSocket(NETLINK_SOCK_DIAG);
  const into = Buffer.alloc(4096);
  const request = Buffer.alloc(REQUEST_BYTES);
  let sequence = 0;
  return {
    find(ends) {
      sequence = (sequence + 1) >>> 0;
      encode(ends, sequence, request);
      libc.send(socket, request);
      // The kernel answers while it takes the request in.
      return decode(into.subarray(0, libc.receive(socket, into)), request, sequence);
    },
  };
}

/** Exported for its tests. `request` is written to and returned. */
export function encode(ends: SocketEnds, sequence: number, request = Buffer.alloc(REQUEST_BYTES)): Buffer {
  const [local, remote] = [bytesOf(ends.localAddress), bytesOf(ends.remoteAddress)];
  request.fill(0);
  request.writeUInt32LE(REQUEST_BYTES, 0);
  request.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
  request.writeUInt16LE(Flag.request, 6);
  request.writeUInt32LE(sequence, 8);
  request[HEADER_BYTES] = local.length === 4 ? AF_INET : AF_INET6;
  request[HEADER_BYTES + 1] = IPPROTO_TCP;
  request.writeUInt32LE(EVERY_STATE, HEADER_BYTES + 4);
  request.writeUInt16BE(ends.localPort, REQUEST_ID);
  request.writeUInt16BE(ends.remotePort, REQUEST_ID + 2);
  request.set(local, REQUEST_ID + ADDRESSES);
  request.set(remote, REQUEST_ID + ADDRESSES + ADDRESS_BYTES);
  request.fill(ANY_COOKIE, REQUEST_ID + COOKIE, REQUEST_ID + COOKIE + 8);
  return request;
}

/** Almost all addresses are of this machine. */
const bytesByAddress = new BoundedMap<string, readonly number[]>(16);
function bytesOf(address: string): readonly number[] {
  const known = bytesByAddress.get(address);
  if (known !== undefined) return known;
  const bytes = plainAddressBytes(address);
  bytesByAddress.set(address, bytes);
  return bytes;
}

/**
 * Exported for its tests. An answer counts only with the ends that were asked for: where no connection has them, the
 * kernel answers with a socket that listens on the port.
 */
export function decode(answer: Buffer, request: Buffer, sequence: number): SocketOwner | null {
  if (answer.length < ANSWER_BYTES || answer.readUInt16LE(4) !== SOCK_DIAG_BY_FAMILY) return null;
  if (answer.readUInt32LE(8) !== sequence) return null;
  if (answer[HEADER_BYTES] !== request[HEADER_BYTES]) return null;
  const areOthers = request.compare(answer, ANSWER_ID, ANSWER_ID + ENDS_BYTES, REQUEST_ID, REQUEST_ID + ENDS_BYTES);
  if (areOthers !== 0) return null;
  return { uid: answer.readUInt32LE(USER), inode: String(answer.readUInt32LE(INODE)) };
}
