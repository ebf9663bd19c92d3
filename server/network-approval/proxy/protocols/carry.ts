/** A tunnel that stands, from the client's first byte on. */
import type net from 'node:net';
import type { NetworkProtocol } from '../../registration/registration.js';
import type { Target } from '../../decide/targets.js';
import type { ByteReader } from '../http/byte-reader.js';
import type { Channel } from '../upstream/channel.js';
import { firstFlight } from './first-flight.js';
import type { Tunnel } from '../upstream/tunnel.js';

export interface Passenger {
  readonly socket: net.Socket;
  readonly reader: ByteReader;
  readonly channel: Channel;
  readonly target: Target;
  readonly protocol: NetworkProtocol;
}

/** `held`: what the client began inside is why the command is being cancelled. */
export async function carry(tunnel: Tunnel, passenger: Passenger): Promise<'taken' | 'held'> {
  const { socket, reader, channel, target, protocol } = passenger;
  tunnel.join(socket); // at once: in some protocols the server speaks first
  const first = await firstFlight(reader, channel, { target, protocol }, (early) => {
    tunnel.upstream.write(early);
  });
  if (first === 'held') return 'held';
  const rest = reader.release();
  if (first !== null) tunnel.open(socket, Buffer.concat([first, rest]));
  else {
    tunnel.upstream.destroy();
    socket.resetAndDestroy();
  }
  return 'taken';
}
