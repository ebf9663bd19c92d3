/**
 * Windows' tables of TCP connections, with the process that made each socket (GetExtendedTcpTable), and the starts of
 * all processes (NtQuerySystemInformation). Both answer every user. See win32.ts for the rules of such a file.
 */
import { ERROR_SUCCESS, systemCalls, type KoffiFunction } from './win32.js';

export interface Win32Network {
  /**
   * The bytes of a family's table (TCP_TABLE_OWNER_MODULE_CONNECTIONS; tcp-table.ts reads them), or the number of the
   * error. Runs on another thread.
   */
  connections(family: Family): Promise<Buffer | number>;
  /** The bytes of SystemProcessInformation (process-starts.ts reads them), or an NTSTATUS. Runs on another thread. */
  processes(): Promise<Buffer | number>;
}

/** Windows' own numbers (ws2def.h). */
export const AF_INET = 2;
export const AF_INET6 = 23;
export type Family = typeof AF_INET | typeof AF_INET6;

/** TCP_TABLE_OWNER_MODULE_CONNECTIONS (iprtrmib.h): no listening sockets; with the time of each socket. */
const OWNER_MODULE_CONNECTIONS = 7;
/** winerror.h: the buffer is too small. Windows then says how many bytes it wants. */
const ERROR_INSUFFICIENT_BUFFER = 122;
/** SystemProcessInformation (winternl.h). Wine does not return from this call, and never has a time to compare. */
const SYSTEM_PROCESSES = 5;
/** ntstatus.h: the buffer is too small. */
const STATUS_INFO_LENGTH_MISMATCH = 0xc0000004;

/** Bytes of the first try, and what is added to a wanted size: connections and processes appear meanwhile. */
const FIRST_BYTES = 64 * 1024;
const MORE_BYTES = 16 * 1024;
/** A table that grows faster than it is read, or is larger than this, cannot be read. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_TRIES = 8;

let loaded: Win32Network | undefined;

/** Throws `machine.native-module` if koffi's package for this Windows is missing or changed. */
export function win32Network(): Win32Network {
  return (loaded ??= bind());
}

function bind(): Win32Network {
  const tcpTable = systemCalls()
    .load('iphlpapi.dll')
    .func(
      'uint32_t __stdcall GetExtendedTcpTable(void *table, void *size, int order, uint32_t family, int kind, uint32_t reserved)',
    );
  const systemInformation = systemCalls()
    .load('ntdll.dll')
    .func('uint32_t __stdcall NtQuerySystemInformation(int kind, void *information, uint32_t bytes, void *needed)');
  return {
    connections: (family) =>
      whole(ERROR_INSUFFICIENT_BUFFER, (table, size) =>
        elsewhere(tcpTable, table, size, 0, family, OWNER_MODULE_CONNECTIONS, 0),
      ),
    processes: () =>
      whole(STATUS_INFO_LENGTH_MISMATCH, (information, needed) =>
        elsewhere(systemInformation, SYSTEM_PROCESSES, information, information.length, needed),
      ),
  };
}

/** Calls with larger and larger buffers; `ask` writes the bytes and the wanted size, and answers with a code. */
async function whole(
  tooSmall: number,
  ask: (bytes: Buffer, size: Buffer) => Promise<number>,
): Promise<Buffer | number> {
  let bytes = FIRST_BYTES;
  let code = tooSmall;
  for (let tries = 0; tries < MOST_TRIES && bytes <= MOST_BYTES; tries++) {
    const buffer = Buffer.alloc(bytes);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(bytes);
    code = await ask(buffer, size);
    if (code === ERROR_SUCCESS) return buffer;
    if (code !== tooSmall) break;
    bytes = Math.max(size.readUInt32LE(), 2 * bytes) + MORE_BYTES;
  }
  return code;
}

/** On a thread of the pool: these calls take milliseconds. Its buffers live until it has answered. */
const elsewhere = (call: KoffiFunction, ...args: readonly unknown[]): Promise<number> =>
  new Promise((resolve, reject) => {
    call.async(...args, (error: unknown, code: number) => {
      if (error instanceof Error) reject(error);
      else resolve(code);
    });
  });
