/**
 * From an allowed CONNECT, in HTTP or SOCKS, to a tunnel that relays: the upstream first, then the answer, then the
 * bytes.
 */
import { firstFlight } from './first-flight.js';
import { openTunnel, type Tunnel } from '../upstream/tunnel.js';
import type { ClientStream, Outcome, StreamEnd } from '../upstream/command-port.js';

/**
 * `answer`: what tells the client that the upstream stands. `unreachable`: it does not, and nothing was said. A client
 * that goes away ends the attempt. `denied`: what it began inside is why its command is being cancelled.
 */
export async function relay(
  stream: ClientStream,
  outcome: Extract<Outcome, { readonly kind: 'allowed' }>,
  answer: (upstream: Tunnel['upstream']) => string | Buffer,
): Promise<StreamEnd | 'unreachable'> {
  const { socket, reader, command, target } = stream;
  let tunnel: Tunnel;
  try {
    tunnel = await openTunnel({ allowed: outcome.allowed, via: command.via(target, 'https') }, (upstream) => {
      command.closeWithCommand(upstream);
      reader.onEnd = () => upstream.destroy();
      if (reader.ended) upstream.destroy();
    });
  } catch {
    return 'unreachable';
  } finally {
    reader.onEnd = null;
  }
  outcome.dialled(tunnel.upstream.remoteAddress ?? target.host.text);
  socket.write(answer(tunnel.upstream));
  return begin(tunnel, stream);
}

/** From the client's first byte on. */
async function begin(tunnel: Tunnel, { socket, reader, command, target, protocol }: ClientStream): Promise<StreamEnd> {
  tunnel.join(socket); // at once: in some protocols the server speaks first
  const first = await firstFlight(reader, command, { target, protocol }, (early) => {
    tunnel.upstream.write(early);
  });
  if (first === 'denied') return 'denied';
  const rest = reader.release();
  if (first !== null) tunnel.open(socket, Buffer.concat([first, rest]));
  else {
    tunnel.upstream.destroy();
    socket.resetAndDestroy();
  }
  return 'relayed';
}
