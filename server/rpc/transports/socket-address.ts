/** Addresses of unix sockets with a path longer than the kernel accepts (108 bytes with the final NUL, sun_path). */
import fs from 'node:fs';
import path from 'node:path';
import { pipeName } from '../../../clients/typescript/pipe-name.js';
import { HAS_SOCKET_FILES } from '../../system/programs/local-server.js';

/** Bytes of a path that connect() and bind() accept; macOS has the smaller limit. */
const MAX_ADDRESS_BYTES = process.platform === 'darwin' ? 103 : 107;

export interface SocketAddress {
  /** For connect() and bind(), until `close`. */
  readonly path: string;
  close(): void;
}

/**
 * Returns the address of a socket file, with symlinks resolved. On Linux, a long path is reached through its opened
 * folder. On macOS it stays unchanged, and the call that uses it fails. On Windows it is a pipe's name.
 */
export function socketAddress(file: string): SocketAddress {
  if (!HAS_SOCKET_FILES) return { path: pipeName(file), close() {} };
  const real = resolveLink(file);
  const plain = { path: real, close() {} };
  if (Buffer.byteLength(real) <= MAX_ADDRESS_BYTES || process.platform !== 'linux') return plain;
  try {
    const folder = fs.openSync(path.dirname(real), fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
    return { path: `/proc/self/fd/${folder}/${path.basename(real)}`, close: () => fs.closeSync(folder) };
  } catch {
    return plain; // connect() or bind() reports the error
  }
}

function resolveLink(file: string): string {
  try {
    return path.resolve(path.dirname(file), fs.readlinkSync(file));
  } catch {
    return file;
  }
}
