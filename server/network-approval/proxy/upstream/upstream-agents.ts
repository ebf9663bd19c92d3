/**
 * Kept-alive upstream connections of one command. Never shared between commands: what one command left on a connection
 * must not reach another.
 *
 * TLS that is spoken here is verified, whatever the environment says (NODE_TLS_REJECT_UNAUTHORIZED), for the name that
 * was judged, against the roots of trust.ts.
 */
import http from 'node:http';
import type https from 'node:https';
import type net from 'node:net';
import { hookConnections } from '../../../system/node/node-internals.js';
import { connectThrough, type Through } from './connect-through.js';
import type { Trust } from './trust.js';

/**
 * Idle connections kept per target, and how long, in milliseconds: below the 5 s after which Node upstreams close
 * theirs.
 */
const AGENT_OPTIONS = { keepAlive: true, maxFreeSockets: 16, timeout: 4000 } as const;

/** What starts requests of one scheme, and the agent that keeps their connections. */
export interface UpstreamClient {
  readonly request: typeof http.request;
  readonly agent: http.Agent;
}

export interface UpstreamAgents {
  /** TLS is loaded when the first upstream is met that wants it. Rejects when the roots cannot be read. */
  client(scheme: 'http' | 'https'): Promise<UpstreamClient>;
  /** Closes every connection, in use or idle. */
  destroy(): void;
}

export interface PinnedRequest {
  /** The judged addresses: a kept connection serves only requests whose addresses, judged anew, are the same. */
  readonly pinned?: string;
  /** The host that the certificate was compared with: a kept connection serves only requests to the same. */
  readonly verified?: string;
  /** The request goes inside a tunnel that another proxy makes. */
  readonly through?: Through;
}

export function createUpstreamAgents(trust: Trust): UpstreamAgents {
  const agents = new Map<string, UpstreamClient>();
  let destroyed = false;
  return {
    async client(scheme) {
      const known = agents.get(scheme);
      if (known !== undefined) return known;
      const made = scheme === 'http' ? plainClient() : await secureClient(trust);
      const meanwhile = agents.get(scheme);
      if (meanwhile !== undefined) return meanwhile;
      if (destroyed) made.agent.destroy();
      else agents.set(scheme, made);
      return made;
    },
    destroy() {
      destroyed = true;
      for (const { agent } of agents.values()) agent.destroy();
    },
  };
}

function plainClient(): UpstreamClient {
  const agent = new http.Agent(AGENT_OPTIONS);
  hookConnections<PinnedRequest>(agent, {
    name: connectionName,
    connect: ({ through }) => (through === undefined ? null : connectThrough(through)),
  });
  return { request: http.request, agent };
}

async function secureClient(trust: Trust): Promise<UpstreamClient> {
  const [https, tls, secureContext] = await Promise.all([import('node:https'), import('node:tls'), trust.context()]);
  // HTTP/1.1 alone: what comes after the handshake is spoken by Node's own client.
  const spoken = { secureContext, ALPNProtocols: ['http/1.1'], rejectUnauthorized: true };
  const options: https.AgentOptions & typeof spoken = { ...AGENT_OPTIONS, ...spoken };
  const agent = new https.Agent(options);
  const dress = (socket: net.Socket, { host }: Through['target']): net.Socket =>
    tls.connect({
      socket,
      ...(host.kind === 'name' ? { servername: host.text } : {}),
      checkServerIdentity: (_name, certificate) => tls.checkServerIdentity(host.text, certificate),
      ...spoken,
    });
  hookConnections<PinnedRequest>(agent, {
    name: connectionName,
    connect: ({ through }) =>
      through === undefined ? null : connectThrough(through).then((socket) => dress(socket, through.target)),
  });
  return { request: https.request, agent };
}

/** Every connection of an agent is spoken to alike but for these. */
const connectionName = ({ pinned, port, verified }: http.ClientRequestArgs & PinnedRequest): string =>
  `${pinned}|${port}|${verified ?? ''}`;
