/**
 * Reads away what an ended command left in the sockets of its lane's name server.
 *
 * Threat: questions of a command that is gone are answered from the names of the next one, and use them up.
 * Rule: a mark that a socket sends to itself comes after everything that was sent before. It comes from the name
 * server's own port, which no command may bind. A socket whose mark does not come back is not empty.
 * Scope: datagrams of a command whose processes are gone. Non-scope: connections (lanes.ts).
 */
import { randomBytes } from 'node:crypto';
import type dgram from 'node:dgram';

/** A full queue drops the mark: it is sent again after so many milliseconds, this often at most. */
const AGAIN_MS = 20;
const TRIES = 50;
const MARK_BYTES = 16;

/** Whether all of them are empty now. Never rejects. */
export async function emptyResolvers(resolvers: readonly dgram.Socket[]): Promise<boolean> {
  const empty = await Promise.all(resolvers.map(emptied));
  return empty.every(Boolean);
}

function emptied(socket: dgram.Socket): Promise<boolean> {
  const mark = randomBytes(MARK_BYTES);
  const { address, port } = socket.address();
  const own = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return new Promise((resolve) => {
    let left = TRIES;
    const settle = (isEmpty: boolean): void => {
      clearInterval(timer);
      socket.off('message', onMessage);
      resolve(isEmpty);
    };
    const onMessage = (message: Buffer, from: dgram.RemoteInfo): void => {
      if (from.port === port && message.equals(mark)) settle(true);
    };
    const send = (): void => {
      if (left-- === 0) return settle(false);
      socket.send(mark, port, own, (error) => {
        if (error !== null) settle(false);
      });
    };
    const timer = setInterval(send, AGAIN_MS);
    socket.on('message', onMessage);
    send();
  });
}
