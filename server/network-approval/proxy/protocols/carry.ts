/** A tunnel that stands, from the client's first byte on. */
import { firstFlight } from './first-flight.js';
import type { Tunnel } from '../upstream/tunnel.js';
import type { Passenger } from '../upstream/channel.js';

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
