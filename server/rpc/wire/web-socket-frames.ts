/**
 * The bytes of a server's WebSocket text messages (RFC 6455 §5.2): each one is a whole frame, without a mask and
 * without extensions.
 */
import type { Encoded } from './encode.js';

/** From this many bytes on, copying a message costs more than one more piece in the system call that writes it. */
const LARGE_BYTES = 16 * 1024;
const FINAL_TEXT = 0x81;

/**
 * Frames the messages, in their order, in as few pieces as possible. The newline that encode.ts adds to each text is
 * left out. The pieces may share memory with the messages.
 */
export function framesOf(messages: readonly Encoded[]): readonly Buffer[] {
  const pieces: Buffer[] = [];
  let begin = 0;
  for (let n = 0; n <= messages.length; n++) {
    const message = messages[n];
    if (message !== undefined && message.length < LARGE_BYTES) continue;
    if (n > begin) pieces.push(joined(messages, begin, n));
    if (message !== undefined) pieces.push(headOf(message.length - 1), message.subarray(0, -1));
    begin = n + 1;
  }
  return pieces;
}

/** One piece of the messages from `begin` to `end`, which are not large. */
function joined(messages: readonly Encoded[], begin: number, end: number): Buffer {
  let bytes = 0;
  for (let n = begin; n < end; n++) bytes += headBytes(messages[n]!.length - 1) + messages[n]!.length - 1;
  const piece = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (let n = begin; n < end; n++) {
    const message = messages[n]!;
    at = writeHead(piece, at, message.length - 1);
    at += message.copy(piece, at, 0, message.length - 1);
  }
  return piece;
}

const headBytes = (length: number): number => (length < 126 ? 2 : length < 0x10000 ? 4 : 10);

function headOf(length: number): Buffer {
  const head = Buffer.allocUnsafe(headBytes(length));
  writeHead(head, 0, length);
  return head;
}

/** Returns the place after the head. */
function writeHead(to: Buffer, at: number, length: number): number {
  to[at] = FINAL_TEXT;
  if (length < 126) return to.writeUInt8(length, at + 1);
  if (length < 0x10000) {
    to[at + 1] = 126;
    return to.writeUInt16BE(length, at + 2);
  }
  to[at + 1] = 127;
  return to.writeBigUInt64BE(BigInt(length), at + 2);
}
