/** Messages of netlink(7): how they are written, and how the kernel answers. Numbers are little-endian, as here. */
import { constants } from 'node:os';
import { CodexdError } from '../../errors/codexd-error.js';
import type { Libc } from './libc.js';

/** linux/netlink.h. */
export const Flag = { request: 0x1, acknowledge: 0x4, exclusive: 0x200, create: 0x400, append: 0x800 } as const;
const ERROR = 2;
const HEADER_BYTES = 16;
const ATTRIBUTE_BYTES = 4;
const NESTED = 0x8000;
/** More than the answers to one exchange. */
const ANSWER_BYTES = 32 * 1024;

export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly body: Buffer;
}

const refused = (index: number, errno: number): Error =>
  new CodexdError('machine.os', `message ${index} was refused (${errorName(errno)})`);

/** The name of an errno, as ENOENT. */
function errorName(errno: number): string {
  return Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;
}

/** An attribute, padded to 4 bytes. */
export function attribute(type: number, value: Buffer): Buffer {
  const padding = -value.length & 3;
  const bytes = Buffer.alloc(ATTRIBUTE_BYTES + value.length + padding);
  bytes.writeUInt16LE(ATTRIBUTE_BYTES + value.length, 0);
  bytes.writeUInt16LE(type, 2);
  value.copy(bytes, ATTRIBUTE_BYTES);
  return bytes;
}

/** An attribute that contains attributes. */
export const nested = (type: number, ...attributes: readonly Buffer[]): Buffer =>
  attribute(type | NESTED, Buffer.concat(attributes));

export const text = (value: string): Buffer => Buffer.from(`${value}\0`);

/** The bytes of messages; the sequence number of each is its index. */
export function encodeMessages(messages: readonly Message[]): Buffer {
  return Buffer.concat(
    messages.map(({ type, flags, body }, index) => {
      const header = Buffer.alloc(HEADER_BYTES);
      header.writeUInt32LE(HEADER_BYTES + body.length, 0);
      header.writeUInt16LE(type, 4);
      header.writeUInt16LE(flags, 6);
      header.writeUInt32LE(index, 8);
      return Buffer.concat([header, body]);
    }),
  );
}

/** The indices of the messages that the kernel has acknowledged. Throws `machine.os` for the first that it refused. */
export function readAnswers(bytes: Buffer): readonly number[] {
  const done: number[] = [];
  for (let at = 0; at + HEADER_BYTES + 4 <= bytes.length;) {
    const length = bytes.readUInt32LE(at);
    if (bytes.readUInt16LE(at + 4) === ERROR) {
      const errno = -bytes.readInt32LE(at + HEADER_BYTES);
      const index = bytes.readUInt32LE(at + 8);
      if (errno !== 0) throw refused(index, errno);
      done.push(index);
    }
    at += Math.max((length + 3) & ~3, HEADER_BYTES);
  }
  return done;
}

/**
 * Sends the messages as one datagram, and returns when the kernel has acknowledged each that asks for it: it answers
 * while it takes them in. Throws `machine.os` when it refuses one, has no such protocol, or says nothing.
 */
export function exchange(libc: Libc, protocol: number, messages: readonly Message[]): void {
  const socket = libc.netlinkSocket(protocol);
  try {
    libc.send(socket, encodeMessages(messages));
    let awaited = messages.filter(({ flags }) => (flags & Flag.acknowledge) !== 0).length;
    while (awaited > 0) {
      const into = Buffer.alloc(ANSWER_BYTES);
      awaited -= readAnswers(into.subarray(0, libc.receive(socket, into))).length;
    }
  } finally {
    libc.close(socket);
  }
}
