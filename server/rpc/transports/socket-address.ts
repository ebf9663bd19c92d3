/** Addresses of unix sockets whose path is longer than the kernel takes (108 bytes with the final NUL, sun_path). */
import fs from 'node:fs';
import path from 'node:path';

/** Bytes of a path that connect() and bind() take; macOS has the smaller limit. */
const MAX_ADDRESS_BYTES = process.platform === 'darwin' ? 103 : 107;

export interface SocketAddress {
  /** For connect() and bind(), until `close`. */
  readonly path: string;
  close(): void;
}

/**
 * The address of a socket file, symlinks resolved. A long path is reached through its opened folder on Linux; elsewhere
 * it stays as it is, and the call that uses it fails.
 */
export function socketAddress(file: string): SocketAddress {
  const real = resolveLink(file);
  const plain = { path: real, close() {} };
  if (Buffer.byteLength(real) <= MAX_ADDRESS_BYTES || process.platform !== 'linux') return plain;
  try {
    const folder = fs.openSync(path.dirname(real), fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
    return { path: `/proc/self/fd/${folder}/${path.basename(real)}`, close: () => fs.closeSync(folder) };
  } catch {
    return plain; // the call itself says what is wrong
  }
}

function resolveLink(file: string): string {
  try {
    return path.resolve(path.dirname(file), fs.readlinkSync(file));
  } catch {
    return file;
  }
}
