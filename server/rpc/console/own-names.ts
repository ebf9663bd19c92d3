/**
 * Which `Host` and `Origin` are those of the console itself.
 *
 * Threat: a web page in the user's browser talks to the console: from its own origin, through a name that it rebinds to
 * 127.0.0.1, or from a page of another port of this machine.
 * Rule: `Host` must be an address of the listener's kind or `localhost`, which no page can rebind, or the host of an
 * origin that the operator named. `Origin` must then be the origin with exactly this host and port.
 * Scope: the paths of the console.
 * Non-scope: programs that forge headers; they are no browsers, and need a session like everybody (sessions.ts).
 */
import { isIP } from 'node:net';
import { isLoopback } from '../transports/listen-url.js';

export interface OwnNames {
  /** Whether a `Host` header names this listener. */
  isHost(host: string | undefined): boolean;
  /** Whether an `Origin` header names the page that `host` serves. */
  isOrigin(origin: string, host: string): boolean;
}

/**
 * `loopback`: the listener is on a loopback address. The port of a `Host` is free, because a forwarded port has its
 * own. `origins`: further origins, of a proxy in front of the listener.
 */
export function ownNames(loopback: boolean, origins: readonly string[]): OwnNames {
  const proxied = new Map(origins.map((origin) => [new URL(origin).host, new URL(origin).origin]));
  const isAddress = (host: string): boolean => {
    const name = host.replace(/:\d{1,5}$/, '').replace(/^\[(.*)\]$/, '$1');
    return name === 'localhost' || (loopback ? isLoopback(name) : isIP(name) !== 0);
  };
  const isHost = (host: string | undefined): boolean => {
    const name = host?.toLowerCase();
    return name !== undefined && (proxied.has(name) || isAddress(name));
  };
  return {
    isHost,
    isOrigin(origin, host) {
      const name = host.toLowerCase();
      return isHost(name) && origin === (proxied.get(name) ?? `http://${name}`);
    },
  };
}
