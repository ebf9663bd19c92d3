/**
 * Resolves a name to the addresses that may be used.
 *
 * Threat: DNS rebinding: one lookup is judged, and the connection uses another lookup.
 * Rule: one lookup for each decision. Its addresses are judged one by one, and only the permitted ones go to the dial,
 * which never looks a name up (upstream/dial.ts).
 * Scope: one lookup for all requests that wait for a name, and its short reuse.
 * Non-scope: the order of lookups (lookup-queue.ts), the verdict (decide.ts).
 */
import dns from 'node:dns/promises';
import { CodexdError } from '../../errors/codexd-error.js';
import { createLookupQueue, type Lookup, type LookupClient } from './lookup-queue.js';

export interface Resolver {
  /**
   * Returns every address of a name, in the system's order. Rejects with a reason in words: no such name, timeout, too
   * many.
   */
  resolve(name: string): Promise<readonly string[]>;
}

export interface ResolverOptions {
  /** The system's lookup by default (hosts file, resolver). */
  readonly lookup?: Lookup;
  /** Milliseconds from its start until a lookup counts as failed. */
  readonly timeoutMs?: number;
  /** Milliseconds for which an answer serves further requests. A failure is never reused. */
  readonly reuseMs?: number;
}

/** Makes the resolver of one command, so that no command sees or fills another's answers. */
export type Resolvers = (owner: string, gone: AbortSignal) => Resolver;

/** A resolver that does not answer must not block a command for long: glibc's own first timeout is 5 s. */
const LOOKUP_TIMEOUT_MS = 5000;
/** One page load requests the same host many times. One second is below any meaningful TTL. */
const REUSE_MS = 1000;
/** Names that one command may wait for: as many as its connections (approval-service.ts). */
const MAX_PENDING = 256;
/** Answers kept for reuse. */
const MAX_KEPT = 512;

/** All resolvers of one call share one queue. */
export function createResolvers(options: ResolverOptions = {}): Resolvers {
  const { lookup = systemLookup, timeoutMs = LOOKUP_TIMEOUT_MS, reuseMs = REUSE_MS } = options;
  const queue = createLookupQueue({ lookup, timeoutMs });
  return (owner, gone) => resolverOf(queue.client(owner, gone), reuseMs);
}

function resolverOf(client: LookupClient, reuseMs: number): Resolver {
  const kept = new Map<string, { readonly until: number; readonly addresses: readonly string[] }>();
  const pending = new Map<string, Promise<readonly string[]>>();

  async function lookUp(name: string): Promise<readonly string[]> {
    const addresses = await client.look(name);
    if (addresses.length === 0) throw new CodexdError('network.upstream', 'the name has no address');
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(name, { until: Date.now() + reuseMs, addresses });
    return addresses;
  }

  return {
    resolve(name) {
      const answer = kept.get(name);
      if (answer !== undefined && answer.until > Date.now()) return Promise.resolve(answer.addresses);
      const shared = pending.get(name);
      if (shared !== undefined) return shared;
      if (pending.size >= MAX_PENDING) return Promise.reject(new Error(`more than ${MAX_PENDING} lookups at once`));
      const started = lookUp(name).finally(() => pending.delete(name));
      pending.set(name, started);
      return started;
    },
  };
}

async function systemLookup(name: string): Promise<readonly string[]> {
  const answers = await dns.lookup(name, { all: true, verbatim: true });
  return answers.map(({ address }) => address);
}
