/**
 * Questions to name servers over TCP (RFC 1035 §4.2.2): each message after its length.
 *
 * Threat: a command that asks without end and reads no answer fills the daemon's memory. Rule: no further question is
 * read while an answer waits for the client, and a client that takes none is closed.
 */
import type net from 'node:net';
import { ByteReader } from '../proxy/http/byte-reader.js';

/** Milliseconds that a connection may be silent, and that an answer may wait. */
const IDLE_MS = 15_000;

export interface QuestionOptions {
  /** Null closes the connection. */
  readonly answer: (message: Buffer) => Buffer | null;
  /** For tests. */
  readonly idleMs?: number;
}

/** Serves until the client ends, is silent, or takes no answer. */
export async function serveQuestions(socket: net.Socket, options: QuestionOptions): Promise<void> {
  const { answer, idleMs = IDLE_MS } = options;
  const reader = new ByteReader(socket);
  for (;;) {
    const length = await reader.exactly(2, idleMs);
    const message = length === null ? null : await reader.exactly(length.readUInt16BE(), idleMs);
    const bytes = message === null ? null : answer(message);
    if (bytes === null) return void socket.destroySoon();
    const head = Buffer.alloc(2);
    head.writeUInt16BE(bytes.length);
    if (!socket.write(Buffer.concat([head, bytes])) && !(await taken(socket, idleMs))) return void socket.destroy();
  }
}

/** Whether the client took what was written, within the time. */
function taken(socket: net.Socket, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isTaken: boolean): void => {
      clearTimeout(timer);
      socket.off('drain', onDrain).off('close', onClose);
      resolve(isTaken);
    };
    const onDrain = (): void => settle(true);
    const onClose = (): void => settle(false);
    const timer = setTimeout(onClose, withinMs);
    if (socket.destroyed) return onClose();
    socket.once('drain', onDrain).once('close', onClose);
  });
}
