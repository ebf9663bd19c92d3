/**
 * CONNECT: a tunnel to an allowed target. 200 goes out when the upstream stands, not before
 * (docs/protocol/network.md §3.2). In limited mode the tunnel ends here: what is inside is served request by request,
 * each to an upstream of its own.
 */
import type net from 'node:net';
import type { ByteReader } from '../http/byte-reader.js';
import { openTarget } from './open-target.js';
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
  const stream = { socket, reader, command, target, protocol: 'https' } as const;
  const opened = await openTarget(stream, {
    method: head.method,
    canIntercept: true,
    standing: () => `${statusLine(head, 200, 'OK')}\r\n`,
  });
  if (opened.kind === 'over') return opened.end;
  writeAnswer(socket, head, opened.kind === 'refused' ? refusedTunnel(opened.refused) : UPSTREAM_FAILURE, next);
  return next;
}
