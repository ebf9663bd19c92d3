/**
 * The one way out: TCP connections to what was allowed, directly or through the proxy that the daemon itself runs
 * behind.
 *
 * Threat: a second lookup between the verdict and the connection (DNS rebinding).
 * Rule: only the addresses that were judged are dialled; the lookup that Node would make is answered with them. Every
 * socket is handed to its command before it is connected, so that the end of the command ends the attempt.
 * Scope: every connection of the proxies to an upstream (pool.ts for requests, tunnel.ts for tunnels).
 * Non-scope: what an upstream proxy dials (upstream-proxy.ts).
 */
import net from 'node:net';
import { CodexdError } from '../../../errors/codexd-error.js';
import type { Allowed } from '../../decide/decide.js';
import type { Target } from '../../decide/targets.js';
import type { ByteReader } from '../http/byte-reader.js';
import { connectRequest, type UpstreamProxy } from './upstream-proxy.js';

/** Milliseconds until an upstream that does not answer counts as unreachable; kernels try for two minutes. */
const CONNECT_TIMEOUT_MS = 30_000;
/**
 * Milliseconds that one address of several may take before the next is tried beside it (RFC 8305 §5 says 250 at least).
 */
const ATTEMPT_MS = 1000;
/** Milliseconds that an upstream proxy has to answer CONNECT, and octets of its answer's head. */
const PROXY_TIMEOUT_MS = 30_000;
const MAX_PROXY_HEAD = 16 * 1024;

/** How an allowed target is reached: by its judged addresses, or through the proxy that the daemon runs behind. */
export interface Route {
  readonly allowed: Allowed;
  readonly via: UpstreamProxy | null;
}

/** Resolves with a connected socket, or rejects with what went wrong. `opened` gets it before it is connected. */
export function dial(
  route: Route,
  opened: (socket: net.Socket) => void,
  options: Pick<net.TcpNetConnectOpts, 'allowHalfOpen' | 'keepAlive' | 'keepAliveInitialDelay' | 'onread'>,
): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ ...whereTo(route), ...options, noDelay: true });
    opened(socket);
    const late = route.via === null ? 'connection timed out' : 'the upstream proxy does not answer';
    const timer = setTimeout(() => socket.destroy(new Error(late)), CONNECT_TIMEOUT_MS);
    const closed = (): void => {
      clearTimeout(timer);
      reject(new Error('the connection was closed'));
    };
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('close', closed);
      resolve(socket);
    });
    socket.on('error', reject); // 'close' follows; what is settled stays as it is
    socket.once('close', closed);
  });
}

/**
 * Asks an upstream proxy, to which `socket` is connected, for a tunnel to `target`. Resolves with the octets behind its
 * answer's head, and the socket paused; rejects, and destroys the socket, unless the answer is a 2xx.
 */
export async function askForTunnel(
  socket: net.Socket,
  reader: ByteReader,
  target: Target,
  via: UpstreamProxy,
): Promise<Buffer> {
  const timer = setTimeout(() => socket.destroy(), PROXY_TIMEOUT_MS);
  try {
    socket.write(connectRequest(target, via));
    const head = await reader.head(MAX_PROXY_HEAD, PROXY_TIMEOUT_MS);
    const rest = reader.release();
    if (typeof head === 'string')
      throw new CodexdError('network.upstream', `the upstream proxy gave no answer (${head})`);
    if (!/^HTTP\/1\.[01] 2[0-9][0-9] /.test(head.toString('latin1', 0, 13)))
      throw new CodexdError('network.upstream', 'the upstream proxy refused the tunnel');
    return rest;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The port that is dialled. */
export const portOf = ({ allowed, via }: Route): number => (via ?? allowed).target.port;

/** Throws when there is nothing that may be dialled. */
function whereTo({ allowed, via }: Route): net.TcpNetConnectOpts {
  if (via !== null) return { host: via.target.host.text, port: via.target.port };
  const { target, addresses } = allowed;
  const [only] = addresses;
  if (only === undefined) throw new CodexdError('network.upstream', 'the name does not resolve');
  const answers = addresses.map((address) => ({ address, family: net.isIP(address) }));
  return {
    host: addresses.length === 1 ? only : target.host.text,
    port: target.port,
    autoSelectFamily: addresses.length > 1,
    autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
    lookup: pinnedLookup(answers),
  };
}

function pinnedLookup(answers: readonly { readonly address: string; readonly family: number }[]): net.LookupFunction {
  return (_host, options, callback) => {
    const [first] = answers;
    if (first === undefined) callback(new Error('no address may be dialled'), '');
    else if (options.all === true) callback(null, [...answers]);
    else callback(null, first.address, first.family);
  };
}
