/** Reads Windows' tables of TCP connections (iphlpapi.h, MIB_TCPTABLE_OWNER_MODULE and MIB_TCP6TABLE_OWNER_MODULE). */

/** One end of a connection, as its process has it. */
export interface TcpRow {
  /** Numbers of dots, or eight groups of hexadecimal digits without zeros before them. IPv4 in IPv6 is as IPv4. */
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
  /** The process that made the socket; 0: it has closed it, and the system finishes the connection. */
  readonly pid: number;
  /** When it made the socket: 100 ns since 1601, as all times of Windows; 0: the system does not say. */
  readonly made: bigint;
}

/** Where the parts of a row are. Rows begin at 8, because their times are aligned. */
interface Layout {
  readonly bytes: number;
  readonly addressBytes: 4 | 16;
  readonly local: number;
  readonly localPort: number;
  readonly remote: number;
  readonly remotePort: number;
  readonly pid: number;
  readonly made: number;
}

const FIRST_ROW_AT = 8;
// prettier-ignore
export const IPV4_ROWS: Layout = {
  bytes: 160, addressBytes: 4, local: 4, localPort: 8, remote: 12, remotePort: 16, pid: 20, made: 24,
};
// prettier-ignore
export const IPV6_ROWS: Layout = {
  bytes: 192, addressBytes: 16, local: 0, localPort: 20, remote: 24, remotePort: 44, pid: 52, made: 56,
};

/** A table that is cut off has the rows that are whole. */
export function readTcpTable(table: Buffer, layout: Layout): readonly TcpRow[] {
  const room = Math.max(Math.floor((table.length - FIRST_ROW_AT) / layout.bytes), 0);
  const count = table.length < 4 ? 0 : Math.min(table.readUInt32LE(0), room);
  return Array.from({ length: count }, (_, i) => readRow(table, FIRST_ROW_AT + i * layout.bytes, layout));
}

function readRow(table: Buffer, at: number, layout: Layout): TcpRow {
  const address = (offset: number): string =>
    plainAddress(table.subarray(at + offset, at + offset + layout.addressBytes));
  // Ports are in the network's order, in the first two of four bytes.
  const port = (offset: number): number => table.readUInt16BE(at + offset);
  return {
    local: address(layout.local),
    localPort: port(layout.localPort),
    remote: address(layout.remote),
    remotePort: port(layout.remotePort),
    pid: table.readUInt32LE(at + layout.pid),
    made: table.readBigUInt64LE(at + layout.made),
  };
}

/** The text of an address of 4 or 16 bytes; IPv4 in IPv6 (::ffff:…) as IPv4. */
export function plainAddress(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes.readUInt16BE(10) === 0xffff;
  if (isMapped) return bytes.subarray(12).join('.');
  return Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16)).join(':');
}
