/**
 * Finds the command that made a connection, where a lane is a port that others can reach, too.
 *
 * Threat: another command, a command without network, another daemon's command or a stranger connects to the port. It
 * is judged by a command's policy, or causes its end. A process ends, and its connection or its number passes on.
 * Rule: the system says which process made the connection, and the command says whether the process is its own. Both
 * are asked when the connection is accepted, and again when its first bytes are there. The answers must be the same.
 * Else the connection is closed at once. Nothing is read from it before the first answer, and nothing is answered.
 * A command's connections are closed at its end, those that still wait for their first bytes included.
 * A command's claim is in place before the command starts. So a connection without one is nobody's, and never waits.
 * Scope: the way from an accepted connection to its command. `strict` (Windows and macOS): an owner that the system
 * does not name is a stranger. Not `strict` (a port for each command, and no owners): it is the command.
 * Non-scope: a connection that its maker passes on to another process while it lives; it stays the maker's.
 */
import type net from 'node:net';
import { describe } from '../../errors/describe.js';
import type { Logger } from '../../log/log.js';
import { createSparse } from '../../log/log-sparse.js';
import { BoundedMap } from '../../system/node/bounded-map.js';
import type { Ends, OwnerOf } from '../../system/programs/connection-owner.js';

export type ProxyKind = 'http' | 'socks';

/** A command that may have connections. */
export interface Claim {
  /** Null: the command has not said which processes are its own. */
  readonly contains: ((pid: number) => boolean) | null;
  /** Takes over a connection whose first bytes wait in it. */
  serve(kind: ProxyKind, socket: net.Socket): void;
}

export interface AttributionOptions {
  readonly ownerOf: OwnerOf;
  readonly strict: boolean;
  readonly log: Pick<Logger, 'warn' | 'debug'>;
}

/** Connections that wait for the first look at their owner: bursts of many commands. */
const MOST_UNKNOWN = 1024;
/** Connections of one command that wait for their first bytes: as many as it may have at all. */
const MOST_WAITING = 256;
/** The processes whose refusal is remembered. */
const KNOWN_PROCESSES = 1024;

type Refusal =
  | 'its process has ended'
  | 'not a command of this daemon with a lane'
  | 'the process with its number began later, or cannot be asked'
  | 'another owner after its first bytes'
  | 'too many';
type Found =
  { readonly claim: Claim; readonly pid: number | null } | { readonly refused: Refusal; readonly pid?: number };

export class Attribution {
  readonly #options: AttributionOptions;
  /** The commands with a lane, and their connections that wait for their first bytes. */
  readonly #claims = new Map<Claim, Set<net.Socket>>();
  readonly #unknown = new Set<net.Socket>();
  readonly #logged: BoundedMap<number, true> = new BoundedMap(KNOWN_PROCESSES);
  readonly #nextLine = createSparse();
  #refused = 0;

  constructor(options: AttributionOptions) {
    this.#options = options;
  }

  /** How many connections were closed because they are no command's. */
  get refused(): number {
    return this.#refused;
  }

  /** Returns the function that ends the claim and closes its waiting connections. */
  add(claim: Claim): () => void {
    this.#claims.set(claim, new Set());
    return () => {
      for (const socket of this.#claims.get(claim) ?? []) socket.destroy();
      this.#claims.delete(claim);
    };
  }

  /** Closes what waits. */
  close(): void {
    for (const socket of this.#unknown) socket.destroy();
    for (const waiting of this.#claims.values()) for (const socket of waiting) socket.destroy();
    this.#claims.clear();
  }

  /** `socket`: accepted, and not read yet (`pauseOnConnect`). Closes it or gives it to its command. */
  accept(kind: ProxyKind, socket: net.Socket): void {
    socket.on('error', () => socket.destroy());
    this.#judge(kind, socket).then(
      (refusal) => {
        if (refusal !== null) this.#refuse(socket, refusal);
      },
      (error: unknown) => {
        this.#refuse(socket, { refused: 'its process has ended' });
        this.#options.log.warn(...describe('the owner of a connection to a lane cannot be found', error));
      },
    );
  }

  /** Null: it is served, or closed by others. */
  async #judge(kind: ProxyKind, socket: net.Socket): Promise<Exclude<Found, { claim: Claim }> | null> {
    const ends = endsOf(socket);
    if (ends === null) return { refused: 'its process has ended' };
    if (this.#unknown.size >= MOST_UNKNOWN) return { refused: 'too many' };
    const first = await held(this.#unknown, socket, () => this.#find(ends));
    if ('refused' in first) return first;
    const { claim } = first;
    const waiting = this.#claims.get(claim);
    if (waiting === undefined) return { refused: 'its process has ended' };
    if (waiting.size >= MOST_WAITING) return { refused: 'too many' };
    return held(waiting, socket, async () => {
      const bytes = await firstBytes(socket);
      if (bytes === null) {
        socket.destroy();
        return null;
      }
      const again = await this.#find(ends);
      if ('refused' in again) return again;
      if (again.claim !== claim || again.pid !== first.pid) return { refused: 'another owner after its first bytes' };
      if (socket.destroyed) return null;
      socket.unshift(bytes);
      claim.serve(kind, socket);
      // Who reads it has begun in `serve`.
      if (!socket.destroyed) socket.resume();
      return null;
    });
  }

  /** The one command whose connection it is. */
  async #find(ends: Ends): Promise<Found> {
    const owner = await this.#options.ownerOf(ends);
    if (owner === undefined) return this.#ofNobody();
    const { pid } = owner;
    const stranger = { refused: 'not a command of this daemon with a lane', pid } as const;
    const found = [...this.#claims.keys()].filter(({ contains }) => contains?.(pid) ?? !this.#options.strict);
    const [claim] = found;
    if (claim === undefined || found.length > 1) return stranger;
    // The number is the command's. Now: whether it was the same process's when the connection was made.
    if (!(await owner.isStillIts()))
      return { refused: 'the process with its number began later, or cannot be asked', pid };
    return this.#claims.has(claim) ? { claim, pid } : stranger;
  }

  #ofNobody(): Found {
    const [claim] = this.#claims.keys();
    return this.#options.strict || claim === undefined ? { refused: 'its process has ended' } : { claim, pid: null };
  }

  #refuse(socket: net.Socket, { refused, pid }: { readonly refused: Refusal; readonly pid?: number }): void {
    socket.destroy();
    this.#refused++;
    const { log } = this.#options;
    const about = { why: refused, ...(pid === undefined ? {} : { pid }) };
    // Processes that end with a connection are ordinary.
    const isNew = pid !== undefined && this.#logged.get(pid) === undefined;
    if (pid !== undefined) this.#logged.set(pid, true);
    const line = isNew ? this.#nextLine() : null;
    if (line === null) log.debug('a connection to a lane was closed', about);
    else log.warn('a connection to a lane was closed', { ...about, processes: line });
  }
}

/** The socket is in the set meanwhile. */
async function held<T>(set: Set<net.Socket>, socket: net.Socket, work: () => Promise<T>): Promise<T> {
  set.add(socket);
  try {
    return await work();
  } finally {
    set.delete(socket);
  }
}

/** Null: it has closed, or an end is not on this machine's loopback. */
function endsOf({ remoteAddress, remotePort, localAddress, localPort }: net.Socket): Ends | null {
  if (!remoteAddress || remotePort === undefined || !localAddress || localPort === undefined) return null;
  if (!isLoopback(remoteAddress) || !isLoopback(localAddress)) return null;
  return { remoteAddress, remotePort, localAddress, localPort };
}

const isLoopback = (address: string): boolean => /^(?:(?:::ffff:)?127\.\d+\.\d+\.\d+|::1)$/i.test(address);

/** The first bytes, taken out of the socket, which is paused then; null: it ends or closes without any. */
function firstBytes(socket: net.Socket): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const settle = (bytes: Buffer | null): void => {
      socket.pause();
      socket.off('data', settle).off('end', none).off('close', none);
      resolve(bytes);
    };
    const none = (): void => settle(null);
    if (socket.destroyed) return resolve(null);
    socket.on('data', settle).on('end', none).on('close', none);
    socket.resume();
  });
}
