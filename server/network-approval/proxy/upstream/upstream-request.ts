/** A judged request on its way: the connection, the head and the body that go to the upstream. */
import type http from 'node:http';
import type net from 'node:net';
import type { PeerCertificate } from 'node:tls';
import { setExactMethod } from '../../../system/node/node-internals.js';
import { authorityText, hostInUrl } from '../../decide/targets.js';
import type { Channel, Outcome } from './channel.js';
import { CONNECT_TIMEOUT_MS, routeOptions } from './dial.js';
import { upstreamHeaders } from '../http/headers.js';
import type { RequestHead } from '../http/request-head.js';
import type { Destination } from '../http/request-target.js';
import type { PinnedRequest } from './upstream-agents.js';

export interface UpstreamRequest {
  readonly head: RequestHead;
  readonly destination: Destination;
  readonly outcome: Extract<Outcome, { readonly kind: 'allowed' }>;
  readonly channel: Channel;
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

/** The head is set and not sent. Rejects when there is nothing that may be dialled. */
export async function startRequest(
  { head, destination, outcome, channel }: UpstreamRequest,
  { fresh, upgrade }: StartOptions,
): Promise<StartedRequest> {
  const { allowed } = outcome;
  const { target } = allowed;
  const via = channel.via(target, destination.scheme);
  const { request, agent } = await channel.agents.client(destination.scheme);
  // What the upstream proxy must not read, or would not carry on, goes through a tunnel that it is asked for.
  const tunnelled = via !== null && (destination.scheme === 'https' || upgrade !== undefined);
  const gone = tunnelled ? new AbortController() : null;
  const own = (socket: net.Socket): void => channel.own(socket);
  const kept =
    via === null ? [...allowed.addresses].sort().join() : `via ${tunnelled ? authorityText(target, null) : ''}`;
  const options: http.RequestOptions & PinnedRequest & SecureOptions = {
    ...routeOptions({ allowed, via }),
    agent,
    method: head.method,
    path: via === null || tunnelled ? destination.path : absoluteForm(destination),
    setHost: false,
    maxHeaderSize: MAX_RESPONSE_HEAD,
    pinned: fresh ? `fresh ${freshCounter++}` : kept,
    ...(via !== null && gone !== null ? { through: { via, target, own, signal: gone.signal } } : {}),
    ...(destination.scheme === 'https' ? await verifiedAs(target.host) : {}),
  };
  const upstream = request(options);
  setExactMethod(upstream, head.method);
  if (fresh) upstream.shouldKeepAlive = false;
  upstream.on('error', () => {}); // heard by responseOf; it may come again while the request is being closed
  setHeaders(upstream, head, destination);
  if (upgrade !== undefined) {
    upstream.setHeader('Connection', 'Upgrade');
    upstream.setHeader('Upgrade', upgrade);
  }
  if (via !== null && !tunnelled && via.authorization !== null)
    upstream.setHeader('Proxy-Authorization', via.authorization);
  upstream.on('socket', (connection) =>
    whenConnected(connection, upstream, () => {
      outcome.dialled(connection.remoteAddress ?? hostInUrl(target.host));
      if (tunnelled) connection.resume(); // it was paused while its tunnel was made
    }),
  );
  return {
    upstream,
    abandon() {
      gone?.abort();
      upstream.destroy(new Error('the client went away'));
    },
  };
}
let freshCounter = 0;

interface SecureOptions {
  verified?: string;
  servername?: string;
  checkServerIdentity?(name: string, certificate: PeerCertificate): Error | undefined;
}

/**
 * The certificate is compared with the judged host, whatever is dialled. No server name is sent for an address (RFC
 * 6066 §3).
 */
async function verifiedAs(host: UpstreamRequest['destination']['target']['host']): Promise<SecureOptions> {
  const { checkServerIdentity } = await import('node:tls');
  return {
    verified: host.text,
    servername: host.kind === 'name' ? host.text : '',
    checkServerIdentity: (_name, certificate) => checkServerIdentity(host.text, certificate),
  };
}

/** Kernels try for two minutes to reach a host that does not answer. */
function whenConnected(connection: net.Socket, upstream: http.ClientRequest, connected: () => void): void {
  if (!connection.connecting) return connected();
  const timer = setTimeout(() => upstream.destroy(new Error('connection timed out')), CONNECT_TIMEOUT_MS);
  upstream.once('close', () => clearTimeout(timer));
  connection.once('connect', () => {
    clearTimeout(timer);
    connected();
  });
}

const absoluteForm = ({ target, scheme, path }: Destination): string =>
  path === '*' ? path : `${scheme}://${authorityText(target, 80)}${path}`;

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
