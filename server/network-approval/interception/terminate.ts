/**
 * The daemon's end of a tunnel in limited mode: TLS for the host that the client asked for, and HTTP inside.
 *
 * Threat: bytes that get through unseen because they are not what the method policy can read.
 * Rule: TLS that names the tunnel's host, or no host; HTTP/1.1 or HTTP/2 inside, by ALPN; anything else ends the
 * connection. No byte of the client's reaches an upstream but as part of a request that was judged.
 * Non-scope: what an allowed request carries (a GET has a path, headers and a body).
 */
import type net from 'node:net';
import tls from 'node:tls';
import { ByteReader } from '../proxy/http/byte-reader.js';
import type { ClientStream, CommandPort, StreamEnd } from '../proxy/upstream/command-port.js';
import { answerLocally, serveRequests } from '../proxy/http/conversation.js';
import { readHello } from '../proxy/protocols/first-flight.js';
import { http1Client } from '../proxy/protocols/http1-client.js';
import { openWebSocket } from '../proxy/protocols/web-socket.js';
import { canonicalHost, type Target } from '../decide/targets.js';
import type { Authority, Credentials } from './authority.js';
import { serveHttp2 } from './http2-connection.js';
import { serveInner } from './inner-request.js';

/** Milliseconds from the ClientHello to the end of the handshake. */
const HANDSHAKE_MS = 15_000;
/** RFC 8446 §6: a fatal alert, `unrecognized_name`, as a record of TLS 1.2 (or 1.3 before its keys). */
const UNRECOGNIZED_NAME = Buffer.from([21, 3, 3, 0, 2, 2, 112]);

/**
 * Resolves when the connection is over, or belongs to HTTP/2; `denied`: the command is being cancelled. Rejects for
 * faults of our own.
 */
export async function terminate(authority: Authority, stream: ClientStream): Promise<StreamEnd> {
  const { socket, reader, command, target } = stream;
  const { bytes, hello } = await readHello(reader);
  if (hello.kind === 'other' && bytes.length > 0 && stream.isPlainToo === true) {
    socket.unshift(Buffer.concat([bytes, reader.release()]));
    await serveHttp1(socket, target, command, 'http');
    return 'relayed';
  }
  if (hello.kind !== 'hello') return refuse(socket);
  const named = hello.serverName === null ? target.host : canonicalHost(hello.serverName);
  if (named === null) return refuse(socket);
  if (named.text !== target.host.text) {
    // What it wanted is judged and told as any attempt; allowed or not, this is not the tunnel for it.
    const other = { host: named, port: target.port };
    const outcome = await command.decide({
      protocol: 'https',
      target: other,
      method: 'CONNECT',
      intercepted: 'tunnel',
    });
    return outcome.kind === 'denied' ? 'denied' : refuse(socket, UNRECOGNIZED_NAME);
  }
  const credentials = await authority.credentialsFor(target.host);
  socket.unshift(Buffer.concat([bytes, reader.release()]));
  const secure = socket.destroyed ? null : await handshake(socket, credentials);
  if (secure === null) return 'relayed';
  command.closeWithCommand(secure);
  secure.on('error', () => secure.destroy());
  if (secure.alpnProtocol === 'h2') serveHttp2(secure, target, command);
  else await serveHttp1(secure, target, command, 'https');
  return 'relayed';
}

function refuse(socket: net.Socket, last?: Buffer): StreamEnd {
  if (last === undefined) socket.resetAndDestroy();
  else {
    socket.end(last);
    socket.resume();
    socket.destroySoon();
  }
  return 'relayed';
}

/** A server for this one connection. Null: the client does not want to, or cannot; the socket is closed then. */
function handshake(socket: net.Socket, credentials: Credentials): Promise<tls.TLSSocket | null> {
  return new Promise((resolve) => {
    const server = tls.createServer({
      ...credentials,
      ALPNProtocols: ['h2', 'http/1.1'],
      handshakeTimeout: HANDSHAKE_MS,
      allowHalfOpen: true,
    });
    server.once('secureConnection', resolve);
    server.once('tlsClientError', () => socket.destroy());
    socket.once('close', () => resolve(null));
    server.emit('connection', socket);
  });
}

async function serveHttp1(
  client: net.Socket,
  target: Target,
  command: CommandPort,
  scheme: 'http' | 'https',
): Promise<void> {
  const reader = new ByteReader(client);
  client.resume(); // Who read before may have paused it.
  await serveRequests(client, reader, async (request) => {
    const end = http1Client(request, reader, client);
    const served = await serveInner(request, target, command, end, scheme, (exchange) =>
      openWebSocket(exchange, reader, client),
    );
    return typeof served === 'string' ? served : answerLocally(request, served.answer, reader, client);
  });
}
