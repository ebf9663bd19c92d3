/**
 * Kept-alive upstream connections of one command. Never shared between commands: what one command left on a connection
 * must not reach another.
 */
import http from 'node:http';
import type https from 'node:https';

/** Idle connections kept per target, and how long, in milliseconds: below the 5 s after which Node upstreams close theirs. */
const AGENT_OPTIONS = { keepAlive: true, maxFreeSockets: 16, timeout: 4000 } as const;

/** What starts requests of one scheme, and the agent that keeps their connections. */
export interface UpstreamClient {
  readonly request: typeof http.request;
  readonly agent: http.Agent;
}

export interface UpstreamAgents {
  /** TLS is loaded when the first `https:` target of a plain request is met. */
  client(scheme: 'http' | 'https'): Promise<UpstreamClient>;
  /** Closes every connection, in use or idle. */
  destroy(): void;
}

/** The judged addresses: a kept connection serves only requests whose addresses, judged anew, are the same. */
export interface PinnedRequest {
  readonly pinned?: string;
}

export function createUpstreamAgents(): UpstreamAgents {
  const agents = new Map<string, UpstreamClient>();
  let destroyed = false;
  return {
    async client(scheme) {
      const known = agents.get(scheme);
      if (known !== undefined) return known;
      const made = scheme === 'http' ? plainClient() : secureClient(await import('node:https'));
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
  agent.getName = (options?: http.RequestOptions & PinnedRequest) => `${options?.pinned}|${options?.port}`;
  return { request: http.request, agent };
}

function secureClient({ default: tls }: { readonly default: typeof https }): UpstreamClient {
  const agent = new tls.Agent(AGENT_OPTIONS);
  const nameOf = agent.getName.bind(agent);
  agent.getName = (options?: https.RequestOptions & PinnedRequest) => `${options?.pinned}|${nameOf(options)}`;
  return { request: tls.request, agent };
}
