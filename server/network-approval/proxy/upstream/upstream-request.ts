/** A judged request on its way: the connection, the head and the body that go to the upstream. */
import type http from 'node:http';
import type net from 'node:net';
import { setExactMethod } from '../../../system/node/node-internals.js';
import { authorityText, hostInUrl } from '../../decide/targets.js';
import type { CommandPort, Outcome } from './command-port.js';
import { upstreamHeaders } from '../http/headers.js';
import type { RequestHead } from '../http/request-head.js';
import { DEFAULT_PORTS, type Destination } from '../http/request-target.js';

export interface UpstreamRequest {
  readonly head: RequestHead;
  readonly destination: Destination;
  readonly outcome: Extract<Outcome, { readonly kind: 'allowed' }>;
  readonly command: CommandPort;
}

/** Octets of an upstream's response head. */
const MAX_RESPONSE_HEAD = 64 * 1024;

export interface StartOptions {
  /** On a connection of its own, because the request must not be sent a second time. */
  readonly fresh: boolean;
  /** Asks to leave HTTP for this protocol: only ever on a fresh connection that reaches the target itself. */
  readonly upgrade?: 'websocket';
}

export interface StartedRequest {
  readonly upstream: http.ClientRequest;
  /** Ends it, whatever it waits for. (A ClientRequest that has no socket yet does not tell when it is destroyed.) */
  abandon(): void;
}

/** The head is set and not sent. Throws when the upstream proxy cannot be used. */
export function startRequest(
  { head, destination, outcome, command }: UpstreamRequest,
  { fresh, upgrade }: StartOptions,
): StartedRequest {
  const { allowed } = outcome;
  const { scheme } = destination;
  const via = command.via(allowed.target, scheme);
  // Requests that the upstream proxy must not read, or would not pass on, use a tunnel through it.
  const tunnelled = via !== null && (scheme === 'https' || upgrade !== undefined);
  const wait = waitForSocket(command);
  const upstream = command.pool.request(
    {
      method: head.method,
      path: via === null || tunnelled ? destination.path : absoluteForm(destination),
      setHost: false,
      maxHeaderSize: MAX_RESPONSE_HEAD,
    },
    { route: { allowed, via }, scheme, tunnelled, fresh, opened: wait.opened },
  );
  setExactMethod(upstream, head.method);
  upstream.on('error', () => {}); // heard by responseOf; it may come again while the request is being closed
  setHeaders(upstream, head, destination);
  if (upgrade !== undefined) {
    upstream.setHeader('Connection', 'Upgrade');
    upstream.setHeader('Upgrade', upgrade);
  }
  if (via !== null && !tunnelled && via.authorization !== null)
    upstream.setHeader('Proxy-Authorization', via.authorization);
  upstream.once('socket', (connection) => {
    wait.over();
    outcome.dialled(connection.remoteAddress ?? hostInUrl(allowed.target.host));
    if (connection.isPaused()) connection.resume(); // it was paused while its tunnel was made
  });
  return {
    upstream,
    abandon() {
      wait.giveUp();
      upstream.destroy(new Error('the client went away'));
    },
  };
}

/** The socket that a request waits for: it ends with the command, and with the request as long as it is being made. */
function waitForSocket(command: CommandPort) {
  let dialling: net.Socket | null = null;
  let abandoned = false;
  return {
    opened(socket: net.Socket): void {
      command.closeWithCommand(socket);
      if (abandoned) socket.destroy();
      else dialling = socket;
    },
    over: () => void (dialling = null),
    giveUp(): void {
      abandoned = true;
      dialling?.destroy(new Error('nobody waits for it any more'));
    },
  };
}

const absoluteForm = ({ target, scheme, path }: Destination): string =>
  path === '*' ? path : `${scheme}://${authorityText(target, DEFAULT_PORTS.http)}${path}`;

function setHeaders(upstream: http.ClientRequest, head: RequestHead, destination: Destination): void {
  // Removing them first keeps Node from adding its own; those that the client sent are set below.
  for (const name of ['connection', 'content-length', 'transfer-encoding']) upstream.removeHeader(name);
  const fields = new Map<string, { readonly name: string; readonly values: string[] }>();
  for (const { name, key, value } of upstreamHeaders(head.headers, destination)) {
    const known = fields.get(key);
    if (known === undefined) fields.set(key, { name, values: [value] });
    else known.values.push(value);
  }
  for (const { name, values } of fields.values()) {
    upstream.setHeader(name, values.length === 1 ? (values[0] ?? '') : values);
  }
  if (head.body.kind === 'chunked') upstream.setHeader('Transfer-Encoding', 'chunked');
}
