/** The other end of a client's connection. */
import type { Socket } from 'node:net';

/** `127.0.0.1:4242`; null: a unix socket, which has no address. */
export const peerOf = (socket: Pick<Socket, 'remoteAddress' | 'remotePort'>): string | null =>
  socket.remoteAddress === undefined ? null : `${socket.remoteAddress}:${socket.remotePort}`;

/** Whether it is on this machine. `address`: undefined for a unix socket. */
export const isLocal = (address: string | undefined): boolean =>
  address === undefined || address === '::1' || /^(?:::ffff:)?127\./.test(address);
