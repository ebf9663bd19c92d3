/** The console of one listener, and the links that lead to it. */
import { isIP } from 'node:net';
import type { Authenticate } from '../transports/auth.js';
import type { ConsoleDoor } from '../transports/console-door.js';
import { isLoopback } from '../transports/listen-url.js';
import { readConsoleFiles } from './files.js';
import { ownNames } from './own-names.js';
import { createConsole } from './pages.js';

export interface OpenConsole {
  readonly door: ConsoleDoor;
  /** The listener listens at this address and port. */
  listening(host: string, port: number): void;
  /** A fresh link that works once. */
  link(): string;
  /** The page, where people sign in with the credential of the listener. */
  readonly address: () => string;
  credentialsRead(): void;
}

/** Milliseconds for which a link works: a person opens it soon, and it may lie in a terminal's history. */
const LINK_MS = 3_600_000;

/** `origins`: of proxies in front of the listener. Throws StartError when the package has no console. */
export function openConsole(host: string, origins: readonly string[], authenticate: Authenticate | null): OpenConsole {
  let place = { host, port: 0 };
  const console = createConsole({
    files: readConsoleFiles(),
    names: ownNames(isLoopback(host), origins),
    authenticate,
    port: () => place.port,
  });
  const address = (): string => {
    const [origin = `http://${reachable(place.host)}:${place.port}`] = origins;
    return `${origin}/`;
  };
  return {
    door: console,
    listening: (boundHost, port) => void (place = { host: boundHost, port }),
    link: () => `${address()}#${console.newLink(LINK_MS)}`,
    address,
    credentialsRead: () => console.credentialsRead(),
  };
}

/** An address for a browser on this machine. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (isIP(host) !== 6) return host;
  return /^[0:]+$/.test(host) ? '[::1]' : `[${host}]`;
}
