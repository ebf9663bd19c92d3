/**
 * CONNECT: a tunnel to an allowed target. 200 goes out when the upstream stands, not before
 * (docs/protocol/network.md §3.2). In limited mode the tunnel ends here: what is inside is served request by request,
 * each to an upstream of its own.
 */
import type net from 'node:net';
import type { ByteReader } from '../http/byte-reader.js';
import { relay } from './relay.js';
import type { CommandPort, StreamEnd } from '../upstream/command-port.js';
import { refusedTunnel, UPSTREAM_FAILURE } from './refusal.js';
import type { RequestHead } from '../http/request-head.js';
import { connectTarget } from '../http/request-target.js';
import { statusLine, writeAnswer, type Next } from '../http/local-answers.js';

export async function connect(
  head: RequestHead,
  reader: ByteReader,
  socket: net.Socket,
  command: CommandPort,
): Promise<Next | StreamEnd> {
  const next: Next = head.keepAlive ? 'keep' : 'close';
  const target = connectTarget(head.target);
  if (target === null) {
    writeAnswer(socket, head, { status: 400, type: 'text/plain', body: 'missing authority' }, next);
    return next;
  }
  const { intercept } = command;
  const outcome = await command.decide({
    protocol: 'https',
    target,
    method: head.method,
    ...(intercept === null ? {} : { intercepted: 'tunnel' }),
  });
  if (outcome.kind === 'denied') return 'denied';
  if (outcome.kind === 'refused') {
    writeAnswer(socket, head, refusedTunnel(outcome.refused), next);
    return next;
  }
  const stream = { socket, reader, command, target, protocol: 'https' } as const;
  const standing = `${statusLine(head, 200, 'OK')}\r\n`;
  if (intercept !== null) {
    socket.write(standing);
    return intercept(stream);
  }
  const end = await relay(stream, outcome, () => standing);
  if (end !== 'unreachable') return end;
  writeAnswer(socket, head, UPSTREAM_FAILURE, next);
  return next;
}
