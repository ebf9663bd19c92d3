/**
 * The daemon's own requests to model endpoints. They use the same connections as the proxy (proxy/upstream): the same
 * root certificates, proxy variables and dialling.
 *
 * Rule: every connection attempt belongs to a request and ends with it. A request makes one attempt, so a proxy that
 * closes connections causes no more connections than there are requests. An invalid proxy variable is ignored and
 * reported. A variable with an unsupported kind of proxy (SOCKS) is an error, never a direct connection.
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
import { untilAborted } from '../../../system/node/until-aborted.js';

export interface OutboundRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Null: none. */
  readonly body: string | null;
  /** Its abort closes the connection in every state of the request. */
  readonly signal: AbortSignal;
  /** In milliseconds: the time until the answer's head arrives. */
  readonly headTimeoutMs: number;
  /** Uses a separate connection, which is closed afterwards. */
  readonly fresh?: boolean;
  /**
   * Judges every address before the connection, and throws for one that must not be reached. With a proxy, which looks
   * names up itself, only an address in the URL is judged. Needs `fresh`.
   */
  readonly judge?: (address: string) => void;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** The caller must read or destroy it. */
  readonly body: http.IncomingMessage;
}

export interface Outbound {
  /**
   * Rejects with the error of the connection, with `model.connection-closed` for a kept connection, with a ModelError,
   * or with the signal's reason.
   */
  send(request: OutboundRequest): Promise<OutboundAnswer>;
}

type Environment = Readonly<NodeJS.ProcessEnv>;
type Scheme = 'http' | 'https';

/** How long an unused connection stays open, in milliseconds: a turn's tools need time between requests. */
const IDLE_MS = 60_000;

export function createOutbound(env: Environment): Outbound {
  const pool = createPool(createTrust(env), IDLE_MS);
  return {
    async send(asked) {
      const { method, url, headers, body, signal, headTimeoutMs, fresh = false, judge } = asked;
      signal.throwIfAborted();
      const scheme: Scheme = url.protocol === 'https:' ? 'https' : 'http';
      const target = targetOf(url, scheme);
      const via = proxyFor(target, scheme, env);
      const addresses = via === null ? await untilAborted(addressesOf(target), signal) : [];
      if (judge !== undefined) for (const address of via === null ? addresses : literalOf(target)) judge(address);
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
      const late = new Error(`no answer within ${Math.round(headTimeoutMs / 1000)} s`);
      const timer = setTimeout(() => request.destroy(late), headTimeoutMs);
      try {
        request.end(body ?? undefined);
        const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
        return { status: answer.statusCode ?? 0, headers: answer.headers, body: answer };
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw request.reusedSocket && error !== late ? closedConnection(error) : error;
      } finally {
        clearTimeout(timer);
        request.on('error', () => {}); // from now on the body's reader receives errors
      }
    },
  };
}

/** The server had closed a kept connection: the request may be sent once more. */
const closedConnection = (cause: unknown): CodexdError =>
  new CodexdError('model.connection-closed', 'the endpoint had closed the kept connection', { cause });

/** The warning about proxy variables that are ignored for this address; null: there is none. */
export function ignoredProxy(url: URL, env: Environment): string | null {
  const scheme: Scheme = url.protocol === 'https:' ? 'https' : 'http';
  const choice = chooseProxy(targetOf(url, scheme), scheme, env, CHOICE);
  if (choice.kind !== 'unusable' || isOtherProxy(env, choice.variable)) return null;
  return `${choice.variable} is no address of a proxy (such as http://proxy.example.com:3128) and is ignored.`;
}

const CHOICE = { otherwise: ['all_proxy'], bare: true } as const;

/** Throws ModelError for an unsupported kind of proxy. */
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
  // Names of containers may have characters that public names may not.
  return parseAuthority(url.host, port) ?? { host: { kind: 'name', text: url.hostname }, port };
}

const literalOf = ({ host }: Target): readonly string[] => (host.kind === 'name' ? [] : [host.text]);

async function addressesOf({ host }: Target): Promise<string[]> {
  if (host.kind !== 'name') return [host.text];
  return (await lookup(host.text, { all: true })).map(({ address }) => address);
}
