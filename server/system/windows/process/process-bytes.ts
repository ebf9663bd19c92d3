/**
 * The structures with which Windows starts a process, as bytes: for 64-bit systems, which are the only ones that codexd
 * has system calls for (node/native-module.ts). Layouts: processthreadsapi.h.
 */

const WORD = 8;
export const STARTUP_INFO_BYTES = 104;
export const STARTUP_INFO_EX_BYTES = STARTUP_INFO_BYTES + WORD;
export const PROCESS_INFORMATION_BYTES = 24;

/** STARTF_USESTDHANDLES. */
const USE_STD_HANDLES = 0x100;
const [DESKTOP_AT, FLAGS_AT, STDIN_AT, ATTRIBUTES_AT] = [16, 60, 80, STARTUP_INFO_BYTES];

export interface StartupInfo {
  /** stdin, stdout and stderr; null: those of the console. */
  readonly std: readonly [number, number, number] | null;
  /** The address of the desktop's name; 0n: the caller's. */
  readonly desktop: bigint;
  /** The address of a list of attributes; null: the short form, STARTUPINFOW. */
  readonly attributes: bigint | null;
}

/** STARTUPINFOW or STARTUPINFOEXW. */
export function startupInfo({ std, desktop, attributes }: StartupInfo): Buffer {
  const bytes = Buffer.alloc(attributes === null ? STARTUP_INFO_BYTES : STARTUP_INFO_EX_BYTES);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeBigUInt64LE(desktop, DESKTOP_AT);
  if (std !== null) {
    bytes.writeUInt32LE(USE_STD_HANDLES, FLAGS_AT);
    for (const [i, handle] of std.entries()) bytes.writeBigInt64LE(BigInt(handle), STDIN_AT + i * WORD);
  }
  if (attributes !== null) bytes.writeBigUInt64LE(attributes, ATTRIBUTES_AT);
  return bytes;
}

/** What PROCESS_INFORMATION says of a new process. */
export const processInformation = (bytes: Buffer): { process: number; thread: number; pid: number } => ({
  process: Number(bytes.readBigInt64LE(0)),
  thread: Number(bytes.readBigInt64LE(WORD)),
  pid: bytes.readUInt32LE(2 * WORD),
});

/** Handles, or other words of 64 bits, one after the other. */
export function words(values: readonly (number | bigint)[]): Buffer {
  const bytes = Buffer.alloc(values.length * WORD);
  for (const [i, value] of values.entries()) bytes.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)), i * WORD);
  return bytes;
}
