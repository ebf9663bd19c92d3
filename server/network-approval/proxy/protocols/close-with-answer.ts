/**
 * For a connection beyond what its command may have: it is answered in its own protocol, and closed. It never waits in
 * a queue.
 */
import type net from 'node:net';

/** Milliseconds that the client may take to read the answer and close. */
const CLOSE_MS = 1000;

/** `answer` goes out before anything is read. */
export function closeWithAnswer(socket: net.Socket, answer: Buffer): void {
  if (socket.destroyed) return; // its command has ended
  const timer = setTimeout(() => socket.destroy(), CLOSE_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.end(answer);
  socket.resume(); // closing with unread octets would reset the answer away
}
