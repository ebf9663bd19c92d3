/**
 * Which version of HTTP an upstream speaks over TLS, and its connections of HTTP/2. The upstream chooses when the
 * connection is made (ALPN).
 *
 * Rule: a connection serves requests of one command, to one host at its judged addresses (`name`, pool.ts), and no
 * others, whatever its certificate would allow (RFC 9113 §9.1.1). A new connection is made once for all that wait for
 * the same, and ends when none waits any more.
 */
import type net from 'node:net';
import type tls from 'node:tls';
import { CodexdError } from '../../../errors/codexd-error.js';
import { http2Line, type Http2Line } from './http2-line.js';

export type Way =
  | { readonly kind: 'http2'; readonly line: Http2Line }
  /** `socket`: what was connected to find out; null: it is in use, or none was needed. */
  | { readonly kind: 'http1'; readonly socket: net.Socket | null };

export interface Chosen<T> {
  /** What `begin` returned. */
  readonly begun: Promise<T>;
  /** Before `begin` was called: it never is. */
  abandon(): void;
}

/** What this file needs of a line (pool.ts). */
export interface Opening {
  /** Gets the socket before it is connected. */
  opened(socket: net.Socket): void;
}

export interface Versions<Line extends Opening> {
  choose<T>(line: Line, name: string, again: boolean, begin: (way: Way) => T): Chosen<T>;
}

/** A connection that is being made. */
interface Dialled {
  /** `spare`: the connection, for the first who takes it. */
  readonly found: Promise<Http2Line | { spare: net.Socket | null }>;
  waiting: number;
  /** Ends it. */
  drop(): void;
}

/** Milliseconds from a TCP connection to the end of its TLS handshake. */
const HANDSHAKE_MS = 30_000;
/** Connections of HTTP/2 to one upstream: with so many, requests wait for a free stream. */
const MAX_LINES = 32;

/** `idleMs`: how long a connection of HTTP/2 is kept that nobody uses, in milliseconds. */
export function createVersions<Line extends Opening>(
  secure: (line: Line, name: string) => Promise<tls.TLSSocket>,
  idleMs: number,
): Versions<Line> {
  const http1 = new Set<string>();
  const lines = new Map<string, Set<Http2Line>>();
  const dialled = new Map<string, Dialled>();

  /** Null: a new one is needed. */
  function free(name: string): Http2Line | null {
    const all = [...(lines.get(name) ?? [])];
    const roomy = all.find(({ hasRoom }) => hasRoom);
    if (roomy !== undefined) return roomy;
    return all.length < MAX_LINES ? null : all.reduce((a, b) => (a.streams <= b.streams ? a : b));
  }

  function keep(name: string, line: Http2Line): void {
    const all = lines.get(name) ?? new Set();
    lines.set(name, all.add(line));
    line.onGone = (wanted) => {
      all.delete(line);
      if (all.size === 0 && lines.get(name) === all) lines.delete(name);
      if (wanted === 'http1') http1.add(name);
    };
  }

  function dial(line: Line, name: string): Dialled {
    let dropped = false;
    let raw: net.Socket | null = null;
    const opened = (socket: net.Socket): void => {
      line.opened(socket);
      raw = socket;
      if (dropped) socket.destroy();
    };
    const find = async (): Promise<Http2Line | { spare: net.Socket | null }> => {
      const [http2, secured] = await Promise.all([
        import('node:http2'),
        secure({ ...line, opened }, name).then(handshake),
      ]);
      if (secured.alpnProtocol !== 'h2') {
        http1.add(name);
        return { spare: secured };
      }
      const made = http2Line(http2, secured, idleMs);
      keep(name, made);
      return made;
    };
    const self: Dialled = {
      found: find().finally(() => {
        if (dialled.get(name) === self) dialled.delete(name);
      }),
      waiting: 0,
      drop() {
        dropped = true;
        if (dialled.get(name) === self) dialled.delete(name); // who comes now must not wait for it
        raw?.destroy(new Error('nobody waits for it any more'));
      },
    };
    self.found.catch(() => {}); // told to those who wait
    dialled.set(name, self);
    return self;
  }

  return {
    choose<T>(line: Line, name: string, again: boolean, begin: (way: Way) => T): Chosen<T> {
      let abandoned = false;
      let waitsFor: Dialled | null = null;
      const leave = (): boolean => {
        const left = waitsFor;
        waitsFor = null;
        return left !== null && --left.waiting === 0;
      };
      const run = async (): Promise<T> => {
        for (let mayReuse = !again; !abandoned; mayReuse = true) {
          if (http1.has(name)) return begin({ kind: 'http1', socket: null });
          const open = mayReuse ? free(name) : null;
          if (open !== null) return begin({ kind: 'http2', line: open });
          const wanted = dialled.get(name) ?? dial(line, name);
          wanted.waiting++;
          waitsFor = wanted;
          const found = await wanted.found;
          if (abandoned) break;
          leave();
          if ('spare' in found) {
            const { spare } = found;
            found.spare = null;
            return begin({ kind: 'http1', socket: spare });
          }
          // Those who waited too may have taken all its streams.
          if (found.hasRoom) return begin({ kind: 'http2', line: found });
        }
        throw new CodexdError('network.upstream', 'the client went away');
      };
      return {
        begun: run(),
        abandon() {
          const dialling = waitsFor;
          abandoned = true;
          if (leave()) dialling?.drop();
        },
      };
    },
  };
}

/** Rejects with what went wrong. */
function handshake(secured: tls.TLSSocket): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => secured.destroy(new Error('the TLS handshake timed out')), HANDSHAKE_MS);
    secured.on('error', reject); // stays: an error of a connection that nobody has taken is no fault
    secured.once('close', () => {
      clearTimeout(timer);
      reject(new Error('the connection was closed'));
    });
    secured.once('secureConnect', () => {
      clearTimeout(timer);
      resolve(secured);
    });
  });
}
