/**
 * The daemon's own requests to model endpoints, on the same connections as the proxy's (proxy/upstream): one list of
 * roots, one reading of the proxy variables, one dialling.
 *
 * Rule: every connection attempt belongs to a request and ends with it. A request makes one attempt, so that a proxy
 * that hangs up draws no more connections than there are requests. A proxy variable that holds nonsense is ignored and
 * reported; one that names a proxy of another kind (SOCKS) is an error, never a direct connection.
 */
import { lookup } from 'node:dns/promises';
import type http from 'node:http';
import { once } from 'node:events';
import { CodexdError } from '../../../errors/codexd-error.js';
import { parseAuthority, type Target } from '../../../network-approval/decide/targets.js';
import { createPool, type Line } from '../../../network-approval/proxy/upstream/pool.js';
import { createTrust } from '../../../network-approval/proxy/upstream/trust.js';
import { chooseProxy, type UpstreamProxy } from '../../../network-approval/proxy/upstream/upstream-proxy.js';
import { ModelError } from '../provider/model-provider.js';

export interface OutboundRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Null: none. */
  readonly body: string | null;
  /** Its abort closes the connection, whatever the request waits for. */
  readonly signal: AbortSignal;
  /** In milliseconds: until the answer's head is there. */
  readonly headTimeoutMs: number;
  /** On a connection of its own, which is not kept. */
  readonly fresh?: boolean;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** To be read or destroyed. */
  readonly body: http.IncomingMessage;
}

export interface Outbound {
  /**
   * Rejects with the error of the connection, `model.connection-closed` for a kept one, a ModelError, or the signal's
   * reason.
   */
  send(request: OutboundRequest): Promise<OutboundAnswer>;
}

type Environment = Readonly<NodeJS.ProcessEnv>;
type Scheme = 'http' | 'https';

/** How long an unused connection is kept: a turn's tools take their time. In milliseconds. */
const IDLE_MS = 60_000;

export function createOutbound(env: Environment): Outbound {
  const pool = createPool(createTrust(env), IDLE_MS);
  return {
    async send(asked) {
      const { method, url, headers, body, signal, headTimeoutMs, fresh = false } = asked;
      signal.throwIfAborted();
      const scheme: Scheme = url.protocol === 'https:' ? 'https' : 'http';
      const target = targetOf(url, scheme);
      const via = proxyFor(target, scheme, env);
      const addresses = via === null ? await untilAborted(addressesOf(target), signal) : [];
      // Until the request has its connection: tunnels and handshakes are part of the attempt.
      let giveUp: (() => void) | null = null;
      const connected = (): void => void (giveUp !== null && signal.removeEventListener('abort', giveUp));
      const line: Line = {
        route: { allowed: { allowed: true, target, addresses, rule: null, source: 'baseline_policy' }, via },
        scheme,
        tunnelled: via !== null && scheme === 'https',
        fresh,
        opened(socket) {
          giveUp = () => void socket.destroy();
          if (signal.aborted) giveUp();
          else signal.addEventListener('abort', giveUp, { once: true });
          socket.once('close', connected);
        },
      };
      const absolute = via !== null && scheme === 'http';
      const request = pool.request(
        {
          method,
          path: absolute ? `${url.origin}${url.pathname}${url.search}` : `${url.pathname}${url.search}`,
          headers: {
            host: url.host,
            ...(absolute && via.authorization !== null ? { 'proxy-authorization': via.authorization } : {}),
            ...headers,
            ...(body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
          },
          signal,
        },
        line,
      );
      // A connection through a proxy's tunnel arrives paused.
      request.once('socket', (socket) => {
        connected();
        if (socket.isPaused()) socket.resume();
      });
      const timer = setTimeout(() => {
        request.destroy(new Error(`no answer within ${Math.round(headTimeoutMs / 1000)} s`));
      }, headTimeoutMs);
      try {
        request.end(body ?? undefined);
        const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
        return { status: answer.statusCode ?? 0, headers: answer.headers, body: answer };
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw request.reusedSocket ? closedConnection(error) : error;
      } finally {
        clearTimeout(timer);
        request.on('error', () => {}); // The body's reader hears of what happens from here on.
      }
    },
  };
}

/** A connection that was kept open had been closed meanwhile: the request may be sent once more. */
const closedConnection = (cause: unknown): CodexdError =>
  new CodexdError('model.connection-closed', 'the endpoint had closed the kept connection', { cause });

/** What a person has to know about the proxy variables that are ignored for this address; null: nothing. */
export function ignoredProxy(url: URL, env: Environment): string | null {
  const scheme: Scheme = url.protocol === 'https:' ? 'https' : 'http';
  const choice = chooseProxy(targetOf(url, scheme), scheme, env, CHOICE);
  if (choice.kind !== 'unusable' || isOtherProxy(env, choice.variable)) return null;
  return `${choice.variable} is no address of a proxy (such as http://proxy.example.com:3128) and is ignored.`;
}

const CHOICE = { otherwise: ['all_proxy'], bare: true } as const;

/** Throws ModelError for a proxy of a kind that is not supported. */
function proxyFor(target: Target, scheme: Scheme, env: Environment): UpstreamProxy | null {
  const choice = chooseProxy(target, scheme, env, CHOICE);
  if (choice.kind === 'proxy') return choice.proxy;
  if (choice.kind === 'unusable' && isOtherProxy(env, choice.variable)) {
    throw new ModelError(
      `${choice.variable} names a proxy that is not supported: only HTTP proxies (http://HOST:PORT) are. Set another one, or NO_PROXY for the model's host`,
      'other',
      'never',
    );
  }
  return null;
}

const isOtherProxy = (env: Environment, variable: string): boolean =>
  /^(?:socks[45]?[ah]?|https):\/\/[^/\s]+/i.test(env[variable.toLowerCase()] || env[variable] || '');

function targetOf(url: URL, scheme: Scheme): Target {
  const port = Number(url.port) || (scheme === 'https' ? 443 : 80);
  // Names of containers may hold what public names may not.
  return parseAuthority(url.host, port) ?? { host: { kind: 'name', text: url.hostname }, port };
}

async function addressesOf({ host }: Target): Promise<string[]> {
  if (host.kind !== 'name') return [host.text];
  return (await lookup(host.text, { all: true })).map(({ address }) => address);
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const stop = new AbortController();
  const aborted = once(signal, 'abort', { signal: stop.signal }).then(
    () => Promise.reject(signal.reason as Error),
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([work, aborted]);
  } finally {
    stop.abort();
  }
}
