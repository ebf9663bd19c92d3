/** Questions to name servers over TCP (RFC 1035 §4.2.2): each message after its length. */
import type net from 'node:net';
import { ByteReader } from '../proxy/http/byte-reader.js';

/** Milliseconds that a connection may be silent. */
const IDLE_MS = 15_000;

/** Serves until the client ends or is silent. `answer`: null closes the connection. */
export async function serveQuestions(socket: net.Socket, answer: (message: Buffer) => Buffer | null): Promise<void> {
  const reader = new ByteReader(socket);
  for (;;) {
    const length = await reader.exactly(2, IDLE_MS);
    const message = length === null ? null : await reader.exactly(length.readUInt16BE(), IDLE_MS);
    const bytes = message === null ? null : answer(message);
    if (bytes === null) return void socket.destroySoon();
    const head = Buffer.alloc(2);
    head.writeUInt16BE(bytes.length);
    socket.write(Buffer.concat([head, bytes]));
  }
}
