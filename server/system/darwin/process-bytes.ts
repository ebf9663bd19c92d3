/**
 * What libproc writes, as data: the structures of sys/proc_info.h, which are the same on arm64 and x86-64. Offsets in
 * bytes; numbers in the machine's order (little-endian), ports and addresses in the network's.
 */

/** PROC_PIDTBSDINFO: struct proc_bsdinfo. */
export const BSD_INFO = 3;
export const BSD_INFO_BYTES = 136;
/** PROC_PIDLISTFDS: struct proc_fdinfo, each a number and a type of 32 bits. */
export const LIST_DESCRIPTORS = 1;
export const DESCRIPTOR_BYTES = 8;
/** PROC_PIDFDSOCKETINFO: struct socket_fdinfo. */
export const SOCKET_INFO = 3;
export const SOCKET_INFO_BYTES = 792;

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** It has ended, and its parent has not asked how (SZOMB). */
  readonly zombie: boolean;
  /** It is stopped (SSTOP). */
  readonly stopped: boolean;
  /** In microseconds since 1970: distinguishes it from a later process with the same number. */
  readonly started: number;
}

const [SSTOP, SZOMB] = [4, 5];

export const readFacts = (bytes: Buffer): ProcessFacts => ({
  pid: bytes.readUInt32LE(12),
  parent: bytes.readUInt32LE(16),
  group: bytes.readUInt32LE(100),
  zombie: bytes.readUInt32LE(4) === SZOMB,
  stopped: bytes.readUInt32LE(4) === SSTOP,
  started: Number(bytes.readBigUInt64LE(120)) * 1_000_000 + Number(bytes.readBigUInt64LE(128)),
});

/** PROX_FDTYPE_SOCKET. */
const SOCKET_TYPE = 2;

/** The descriptors of sockets. */
export function readSockets(bytes: Buffer): readonly number[] {
  const found: number[] = [];
  for (let at = 0; at + DESCRIPTOR_BYTES <= bytes.length; at += DESCRIPTOR_BYTES)
    if (bytes.readUInt32LE(at + 4) === SOCKET_TYPE) found.push(bytes.readInt32LE(at));
  return found;
}

/** The ends of a TCP socket. Addresses as 32 hexadecimal digits, IPv4 in its IPv6 form. */
export interface SocketEnds {
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
}

/** struct proc_fileinfo (24), then struct socket_info: soi_kind at 232, and struct in_sockinfo at 240. */
const KIND = 24 + 232;
const IN = 24 + 240;
const [REMOTE_PORT, LOCAL_PORT, VERSION, REMOTE, LOCAL] = [IN, IN + 4, IN + 24, IN + 32, IN + 48];
/** SOCKINFO_TCP, INI_IPV4. */
const TCP = 2;
const IPV4 = 0x1;
const MAPPED = '00000000000000000000ffff';

/** Null: it is no socket of TCP. */
export function readSocketEnds(bytes: Buffer): SocketEnds | null {
  if (bytes.length < SOCKET_INFO_BYTES || bytes.readInt32LE(KIND) !== TCP) return null;
  const address = (at: number): string =>
    // struct in4in6_addr: IPv4 is the last of four words.
    (bytes.readUInt8(VERSION) & IPV4) !== 0
      ? `${MAPPED}${bytes.toString('hex', at + 12, at + 16)}`
      : bytes.toString('hex', at, at + 16);
  return {
    local: address(LOCAL),
    localPort: bytes.readUInt16BE(LOCAL_PORT),
    remote: address(REMOTE),
    remotePort: bytes.readUInt16BE(REMOTE_PORT),
  };
}

/** A loopback address of net.Socket in the same form; null: another one. */
export function loopbackForm(address: string): string | null {
  if (address === '::1') return '1'.padStart(32, '0');
  const dotted = /^(?:::ffff:)?(\d+)\.(\d+)\.(\d+)\.(\d+)$/i.exec(address);
  return dotted === null ? null : `${MAPPED}${Buffer.from(dotted.slice(1).map(Number)).toString('hex')}`;
}
