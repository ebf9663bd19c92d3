/**
 * Kept-alive upstream connections of one command. Never shared between commands: what one command left on a connection
 * must not reach another.
 *
 * TLS that is spoken here is verified, whatever the environment says (NODE_TLS_REJECT_UNAUTHORIZED), for the name that was
 * judged, against the roots of trust.ts.
 */
import http from 'node:http';
import type https from 'node:https';
import type net from 'node:net';
import type tls from 'node:tls';
import { connectThrough, type Through } from './connect-through.js';
import type { Trust } from './trust.js';

/** Idle connections kept per target, and how long, in milliseconds: below the 5 s after which Node upstreams close theirs. */
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
  /** The request goes inside a tunnel that another proxy makes. */
  readonly through?: Through;
}

type Options = http.ClientRequestArgs & PinnedRequest;
type Created = (error: Error | null, socket?: net.Socket) => void;
/** Node's own, which its types do not show. */
interface Connecting {
  createConnection(options: Options, created: Created): net.Socket | undefined;
  getName(options?: Options): string;
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
  const hooks = agent as unknown as Connecting;
  hooks.getName = (options) => `${options?.pinned}|${options?.port}`;
  throughProxies(hooks, (socket) => socket);
  return { request: http.request, agent };
}

async function secureClient(trust: Trust): Promise<UpstreamClient> {
  const [https, tls, secureContext] = await Promise.all([import('node:https'), import('node:tls'), trust.context()]);
  // HTTP/1.1 alone: what comes after the handshake is spoken by Node's own client.
  const options: https.AgentOptions & { secureContext: tls.SecureContext; ALPNProtocols: string[] } = {
    ...AGENT_OPTIONS,
    secureContext,
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: true,
  };
  const agent = new https.Agent(options);
  const hooks = agent as unknown as Connecting;
  const nameOf = hooks.getName.bind(agent);
  hooks.getName = (request) => `${request?.pinned}|${nameOf(request)}`;
  throughProxies(hooks, (socket, { target }) => {
    const { host } = target;
    return tls.connect({
      socket,
      ...(host.kind === 'name' ? { servername: host.text } : {}),
      checkServerIdentity: (_name, certificate) => tls.checkServerIdentity(host.text, certificate),
      secureContext,
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: true,
    });
  });
  return { request: https.request, agent };
}

/** `dress` puts on a tunnel what is spoken inside. */
function throughProxies(agent: Connecting, dress: (socket: net.Socket, through: Through) => net.Socket): void {
  const direct = agent.createConnection.bind(agent);
  agent.createConnection = (options, created) => {
    const { through } = options;
    if (through === undefined) return direct(options, created);
    connectThrough(through).then((socket) => created(null, dress(socket, through)), created);
    return undefined;
  };
}
