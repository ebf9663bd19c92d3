/** Processes and sockets as libproc writes them (sys/proc_info.h of macOS). */
import type { Libsystem } from '../../../server/system/darwin/libsystem.js';

export interface FakeSocket {
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
}
export interface FakeProcess {
  readonly pid: number;
  readonly parent?: number;
  readonly group?: number;
  readonly session?: number;
  readonly status?: number;
  /** Seconds. */
  started?: number;
  sockets?: readonly FakeSocket[];
}

export function bsdInfo({ pid, parent = 1, group = pid, status = 2, started = 1000 }: FakeProcess): Buffer {
  const bytes = Buffer.alloc(136);
  bytes.writeUInt32LE(status, 4);
  bytes.writeUInt32LE(pid, 12);
  bytes.writeUInt32LE(parent, 16);
  bytes.write('node', 48);
  bytes.writeUInt32LE(group, 100);
  bytes.writeBigUInt64LE(BigInt(started), 120);
  bytes.writeBigUInt64LE(250_000n, 128);
  return bytes;
}

export function socketInfo({ local, localPort, remote, remotePort }: FakeSocket, kind = 2): Buffer {
  const bytes = Buffer.alloc(792);
  bytes.writeInt32LE(kind, 256);
  bytes.writeUInt16BE(remotePort, 264);
  bytes.writeUInt16BE(localPort, 268);
  const v4 = local.includes('.');
  bytes.writeUInt8(v4 ? 1 : 2, 288);
  for (const [address, at] of [
    [remote, 296],
    [local, 312],
  ] as const) {
    if (v4) Buffer.from(address.split('.').map(Number)).copy(bytes, at + 12);
    else bytes.writeUInt8(1, at + 15); // ::1
  }
  return bytes;
}

/** The calls, with the limits of their buffers as the system has them. */
export function libprocOf(
  processes: readonly FakeProcess[],
): Pick<Libsystem, 'listPids' | 'pidInfo' | 'descriptorInfo' | 'sessionOf'> {
  const find = (pid: number): FakeProcess | undefined => processes.find((one) => one.pid === pid);
  const put = (from: Buffer, into: Buffer): number => from.copy(into);
  return {
    listPids: (_type, _user, into) => {
      const all = Buffer.alloc(processes.length * 4);
      processes.forEach(({ pid }, at) => all.writeInt32LE(pid, at * 4));
      return put(all, into);
    },
    sessionOf: (pid) => find(pid)?.session ?? (find(pid) ? pid : -1),
    pidInfo: (pid, flavor, _argument, into) => {
      const found = find(pid);
      if (!found) return 0;
      if (flavor === 3) return put(bsdInfo(found), into);
      // One file, then the sockets from 10 on.
      const list = Buffer.alloc(8 * (1 + (found.sockets?.length ?? 0)));
      list.writeUInt32LE(1, 4);
      found.sockets?.forEach((_, n) => {
        list.writeInt32LE(10 + n, 8 * (n + 1));
        list.writeUInt32LE(2, 8 * (n + 1) + 4);
      });
      return put(list, into);
    },
    descriptorInfo: (pid, descriptor, _flavor, into) => {
      const socket = find(pid)?.sockets?.[descriptor - 10];
      return socket ? put(socketInfo(socket), into) : 0;
    },
  };
}
