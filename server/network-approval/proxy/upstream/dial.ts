/**
 * Connections to what was allowed.
 *
 * Threat: a second lookup between the verdict and the connection (DNS rebinding).
 * Rule: only the addresses that were judged are dialled; the lookup that Node would make is answered with them.
 */
import net from 'node:net';
import type { Allowed } from '../../decide/decide.js';
import type { UpstreamProxy } from './upstream-proxy.js';

/** Milliseconds until an upstream that does not answer counts as unreachable; kernels try for two minutes. */
export const CONNECT_TIMEOUT_MS = 30_000;
/**
 * Milliseconds that one address of several may take before the next is tried beside it (RFC 8305 §5 says 250 at least).
 */
const ATTEMPT_MS = 1000;

/** How an allowed target is reached: by its judged addresses, or through the proxy that the daemon runs behind. */
export interface Route {
  readonly allowed: Allowed;
  readonly via: UpstreamProxy | null;
}

/** Options for net.connect and for the agents. Throws when there is nothing that may be dialled. */
export function routeOptions({ allowed, via }: Route) {
  if (via !== null) return { host: via.target.host.text, port: via.target.port, noDelay: true };
  const { target, addresses } = allowed;
  if (addresses.length === 0) throw new Error('the name does not resolve');
  const answers = addresses.map((address) => ({ address, family: net.isIP(address) }));
  const [only] = addresses;
  return {
    host: addresses.length === 1 && only !== undefined ? only : target.host.text,
    port: target.port,
    noDelay: true,
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

/**
 * Connects, or rejects with what went wrong. `own` gets the socket before it is connected, so that the end of the
 * command ends the attempt.
 */
export function dial(route: Route, own: (socket: net.Socket) => void, onread: net.OnReadOpts): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ ...routeOptions(route), allowHalfOpen: true, onread });
    own(socket);
    const timer = setTimeout(() => socket.destroy(new Error('connection timed out')), CONNECT_TIMEOUT_MS);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.once('error', reject); // 'close' follows; what is settled stays as it is
    socket.once('close', () => {
      clearTimeout(timer);
      reject(new Error('the connection was closed'));
    });
  });
}
