/**
 * Connections of programs that know no proxy, in a lane for `transparent_tcp` (docs/protocol/network.md): to the name
 * that their address stands for, on the one decision path.
 *
 * Threat: a connection that goes where no decision was made: to a literal address, or to another name than the one that
 * is written in its TLS or its request.
 * Rule: the target is the name that this command was given the address for, or the address itself. It is decided,
 * dialled and relayed as a CONNECT over SOCKS is. Who is refused gets a reset, because the kernel has accepted the
 * connection already. In limited mode it must be TLS or plain HTTP: each request is judged.
 * Scope: one connection. Non-scope: how it got here (lanes/transparent-helper.ts).
 */
import type net from 'node:net';
import { canonicalHost, type Target } from '../decide/targets.js';
import { RESOLVER_ADDRESS, RESOLVER_PORT } from '../lanes/transparent-places.js';
import { ByteReader } from '../proxy/http/byte-reader.js';
import { openTarget } from '../proxy/protocols/open-target.js';
import type { CommandPort } from '../proxy/upstream/command-port.js';
import { answerQuestion } from './answer-question.js';
import type { NameAddresses } from './name-addresses.js';
import { serveQuestions } from './serve-questions.js';

export interface TransparentPort {
  readonly command: CommandPort;
  readonly names: NameAddresses;
  /** Whether the lane has IPv6. */
  readonly ipv6: boolean;
}

/** Serves one connection until it closes. Never throws. */
export function serveTransparent(socket: net.Socket, port: TransparentPort): void {
  socket.on('error', () => socket.destroy());
  const { command } = port;
  const wanted = destination(socket, port.names);
  if (wanted === null || !command.admit(socket)) return void socket.resetAndDestroy();
  const served =
    wanted === 'resolver'
      ? serveQuestions(socket, { answer: (message) => answerQuestion(message, port.names, port.ipv6) })
      : forward(socket, wanted, command);
  served.catch((error: unknown) => {
    command.fault(error);
    socket.destroy();
  });
}

/** Null: it came to the socket's own port on the loopback interface, which is no destination. */
function destination({ localAddress, localPort }: net.Socket, names: NameAddresses): Target | 'resolver' | null {
  if (localAddress === undefined || localPort === undefined) return null; // It is closed already.
  const name = names.nameOf(localAddress);
  // To any name server: that is what programs ask by its address.
  if (localPort === RESOLVER_PORT && (name === null || localAddress === RESOLVER_ADDRESS)) return 'resolver';
  const host = canonicalHost(name ?? localAddress);
  if (host === null || (name === null && isLoopback(localAddress))) return null;
  return { host, port: localPort };
}

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

async function forward(socket: net.Socket, target: Target, command: CommandPort): Promise<void> {
  const reader = new ByteReader(socket);
  const stream = { socket, reader, command, target, protocol: 'socks5Tcp', isPlainToo: true } as const;
  const nothing = Buffer.alloc(0); // The client believes that its connection stands.
  const opened = await openTarget(stream, { method: null, canIntercept: true, standing: () => nothing });
  if (opened.kind !== 'over') socket.resetAndDestroy();
  else if (opened.end === 'denied') reader.release();
}
