/**
 * The owner of the other end of a connection, by Windows' table of connections.
 *
 * Threat: a process connects, passes its socket on and ends; another process gets its number, and the connection counts
 * as that one's. Or a row of an earlier connection between the same ports counts.
 * Rule: the row has exactly the other end's addresses and ports, and there is one. The table is read after the
 * connection was accepted. A process that began after the socket was made did not make it.
 * Scope: TCP over IPv4 and IPv6. Times are those of Windows' clock, whose steps are up to 16 ms: a number that is used
 * again within one step counts. If the system does not say when a socket was made (Wine does not), its number decides.
 * Non-scope: a socket that its maker gave to another process while it lives itself; it counts as the maker's.
 */
import { joined } from '../node/joined.js';
import { readProcessStarts } from './process-starts.js';
import { IPV4_ROWS, IPV6_ROWS, readTcpTable, type TcpRow } from './tcp-table.js';
import { AF_INET, AF_INET6, type Win32Network } from './win32-network.js';

/** Both ends of an accepted connection, as net.Socket has them. */
export interface Ends {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
}

/** The process that made the other end. It may have ended since, and its number may be another process's by now. */
export interface ConnectionOwner {
  readonly pid: number;
  /**
   * Whether the process that has this number now is the one that made the connection. Ask it last, after everything
   * that was found out by the number: what was true for the number before is true for the process then. Never rejects.
   */
  isStillIts(): Promise<boolean>;
}

/** Undefined: no process has the other end any more, or the system does not tell. Never rejects. */
export type OwnerOf = (ends: Ends) => Promise<ConnectionOwner | undefined>;

/** Connections that come during one look at a table share the next look, so a flood of them costs one at a time. */
export function createTcpOwners(calls: Win32Network): OwnerOf {
  // Both are replaced as a whole: who waited for an earlier look may use a later one.
  let rows: ReadonlyMap<string, readonly TcpRow[]> = new Map();
  let starts: ReadonlyMap<number, bigint> = new Map();
  const readRows = joined(async () => void (rows = byEnds(await tables(calls))));
  const readStarts = joined(async () => void (starts = await processStarts(calls)));
  return async (ends) => {
    await readRows();
    const [row, ...others] = (rows.get(keyOfPeer(ends)) ?? []).filter(({ pid }) => pid !== 0);
    if (row === undefined || others.some(({ pid }) => pid !== row.pid)) return undefined;
    const { pid, made } = row;
    return {
      pid,
      isStillIts: async () => {
        if (made === 0n) return true;
        await readStarts();
        const start = starts.get(pid);
        return start !== undefined && start <= made;
      },
    };
  };
}

/** A list that cannot be read names no process: then nobody's start is known. */
const processStarts = (calls: Win32Network): Promise<ReadonlyMap<number, bigint>> =>
  calls.processes().then(
    (list) => (typeof list === 'number' ? new Map() : readProcessStarts(list)),
    () => new Map(),
  );

/** A table that cannot be read has no rows. */
async function tables(calls: Win32Network): Promise<readonly TcpRow[]> {
  const [v4, v6] = await Promise.all(
    ([AF_INET, AF_INET6] as const).map((family) => calls.connections(family).catch(() => 0)),
  );
  // A client's socket for both families is in the table of IPv6, and its IPv4 connection may be there, too.
  return [
    ...(v4 instanceof Buffer ? readTcpTable(v4, IPV4_ROWS) : []),
    ...(v6 instanceof Buffer ? readTcpTable(v6, IPV6_ROWS) : []),
  ];
}

function byEnds(rows: readonly TcpRow[]): ReadonlyMap<string, readonly TcpRow[]> {
  const found = new Map<string, TcpRow[]>();
  for (const row of rows) {
    const key = keyOf(row.local, row.localPort, row.remote, row.remotePort);
    const same = found.get(key);
    if (same === undefined) found.set(key, [row]);
    else same.push(row);
  }
  return found;
}

/** The other end's row has our end as its remote one. */
const keyOfPeer = ({ remoteAddress, remotePort, localAddress, localPort }: Ends): string =>
  keyOf(plain(remoteAddress), remotePort, plain(localAddress), localPort);

const keyOf = (local: string, localPort: number, remote: string, remotePort: number): string =>
  `${local} ${localPort} ${remote} ${remotePort}`;

const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');
