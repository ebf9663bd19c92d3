/**
 * CONNECT: a tunnel to an allowed target. 200 goes out when the upstream stands, not before
 * (docs/protocol/network.md §3.2). In limited mode the tunnel ends here: what is inside is served request by request,
 * each to an upstream of its own.
 */
import type net from 'node:net';
import type { ByteReader } from '../http/byte-reader.js';
import { carry } from './carry.js';
import type { Channel } from '../upstream/channel.js';
import { refusedTunnel, UPSTREAM_FAILURE } from './refusal.js';
import type { RequestHead } from '../http/request-head.js';
import { connectTarget } from '../http/request-target.js';
import { statusLine, writeAnswer, type Next } from '../http/responses.js';
import { openTunnel, type Tunnel } from '../upstream/tunnel.js';

/** `taken`: the socket is a tunnel now. `held`: the command is being cancelled and gets no answer. */
export async function connect(
  head: RequestHead,
  reader: ByteReader,
  socket: net.Socket,
  channel: Channel,
): Promise<Next | 'taken' | 'held'> {
  const next: Next = head.keepAlive ? 'keep' : 'close';
  const target = connectTarget(head.target);
  if (target === null) {
    writeAnswer(socket, head, { status: 400, type: 'text/plain', body: 'missing authority' }, next);
    return next;
  }
  const { intercept } = channel;
  const outcome = await channel.decide({
    protocol: 'https',
    target,
    method: head.method,
    ...(intercept === null ? {} : { intercepted: 'tunnel' }),
  });
  if (outcome.kind === 'held') return 'held';
  if (outcome.kind === 'refused') {
    writeAnswer(socket, head, refusedTunnel(outcome.refused), next);
    return next;
  }
  if (intercept !== null) {
    socket.write(`${statusLine(head, 200, 'OK')}\r\n`);
    return intercept({ socket, reader, channel, target, protocol: 'https' });
  }
  let opened: Tunnel;
  try {
    opened = await openTunnel({ allowed: outcome.allowed, via: channel.via(target, 'https') }, (dialling) => {
      channel.own(dialling);
      reader.onEnd = () => dialling.destroy();
      if (reader.ended) dialling.destroy();
    });
  } catch {
    writeAnswer(socket, head, UPSTREAM_FAILURE, next);
    return next;
  } finally {
    reader.onEnd = null;
  }
  outcome.dialled(opened.upstream.remoteAddress ?? target.host.text);
  socket.write(`${statusLine(head, 200, 'OK')}\r\n`);
  return carry(opened, { socket, reader, channel, target, protocol: 'https' });
}
