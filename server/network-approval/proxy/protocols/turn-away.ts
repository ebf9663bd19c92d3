/**
 * A connection beyond what its command may have: told so in its own protocol, and closed. It never waits in a queue.
 */
import type net from 'node:net';

/** Milliseconds that the client may take to read the answer and close. */
const TURN_AWAY_MS = 1000;

/** `answer` goes out before anything is read. */
export function turnAway(socket: net.Socket, answer: Buffer): void {
  if (socket.destroyed) return; // its command has ended
  const timer = setTimeout(() => socket.destroy(), TURN_AWAY_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.end(answer);
  socket.resume(); // closing with unread octets would reset the answer away
}
