/**
 * The calls to Linux that Node does not have, typed, through koffi: no other file declares one, but
 * posix-spawn.ts and nameless-pipes.ts those of a start. Their pages are in section 2 of the manual.
 *
 * Loaded by the helper of lanes for `transparent_tcp` (network-approval/lanes/transparent-helper.ts), and by the daemon
 * when many clients connect at once (system/programs/socket-owner.ts).
 */
import { CodexdError } from '../../errors/codexd-error.js';
import { loadCLibrary } from './c-library.js';

export interface Libc {
  /** socket(2) for netlink(7), closed in children, never waiting. Throws `machine.os`. */
  netlinkSocket(protocol: number): number;
  /** send(2) and recv(2): the number of bytes. They throw `machine.os`. */
  send(socket: number, bytes: Buffer): number;
  receive(socket: number, into: Buffer): number;
  close(descriptor: number): void;
  /** setsockopt(2) with an `int`. Throws `machine.os`. */
  setOption(socket: number, level: number, option: number, value: number): void;
}

/** sys/socket.h of x86-64 and arm64. */
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;

/** `root`: the folder of this package. Throws `machine.native-module`. */
export function loadLibc(root: string): Libc {
  const { call, errno } = loadCLibrary(root);
  const socket = call('int socket(int domain, int type, int protocol)');
  const send = call('intptr_t send(int socket, const void *bytes, uintptr_t length, int flags)');
  const receive = call('intptr_t recv(int socket, _Out_ void *bytes, uintptr_t length, int flags)');
  const close = call('int close(int descriptor)');
  const setOption = call('int setsockopt(int socket, int level, int option, const void *value, uint32_t length)');
  const checked = (name: string, result: number): number => {
    if (result < 0) throw new CodexdError('machine.os', `${name} failed (errno ${errno()})`);
    return result;
  };
  return {
    netlinkSocket: (protocol) =>
      checked('socket', socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol)),
    send: (to, bytes) => checked('send', Number(send(to, bytes, bytes.length, 0))),
    receive: (from, into) => checked('recv', Number(receive(from, into, into.length, 0))),
    close: (descriptor) => void close(descriptor),
    setOption(to, level, option, value) {
      const word = Buffer.alloc(4);
      word.writeInt32LE(value);
      checked('setsockopt', setOption(to, level, option, word, word.length));
    },
  };
}
