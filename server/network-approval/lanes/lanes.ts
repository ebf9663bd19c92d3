/**
 * The pool of lanes.
 *
 * Threat: a connection of one command arrives when the next command already has the lane. A socket in the kernel's
 * accept queue, or a handshake that a dead client's kernel finishes late, would be attributed to the wrong command.
 * Rule: no listening socket ever serves two commands. Each command gets a pair of sockets that nothing could connect to
 * before (bound but not listening). They are closed for good when it ends; the kernel then resets everything that was
 * queued or half open on them. The namespace is reused only when the last command's process tree is gone, so that no
 * process can be in it twice. Otherwise it is discarded.
 *
 * Threat: an owner's commands occupy every lane, so that nobody else's proxied command ever starts.
 * Rule: an owner gets a further lane only while it uses fewer than are free. So one owner has at most half of them, the
 * next half of the rest, and so on. Waiting commands are served in order, among those that may have a lane.
 * Scope: the attribution of connections, and the assignment of lanes.
 * Non-scope: what a connection may do (decide.ts).
 */
import { fault } from '../../errors/fault.js';
import { messageOf } from '../../errors/message-of.js';
import { isCode } from '../../errors/codexd-error.js';
import type { ChildProcess } from 'node:child_process';
import net from 'node:net';
import type { SandboxStatus } from '../../sandbox/policy/sandbox.js';
import { claimDescriptors, countHolders, descriptorLimit, freeDescriptors } from '../../system/programs/descriptors.js';
import { laneError } from '../../errors/network-errors.js';
import {
  defaultLaneHelper,
  endHelper,
  findNsenter,
  makeLane,
  type Lane,
  type LaneTools,
  type SocketPair,
} from './lane.js';

/** One command's use of a lane. */
export interface LaneTurn {
  readonly enter: readonly string[];
  readonly networkNamespace: number;
  readonly httpPort: number;
  readonly socksPort: number;
  /** Starts to accept. Every connection on the pair belongs to this command, from the first to the last. */
  accept(onHttp: (socket: net.Socket) => void, onSocks: (socket: net.Socket) => void): void;
  /** Closes the pair. `reusable`: no process of the command remains in the namespace. Idempotent. */
  end(options: { readonly reusable: boolean }): void;
}

export interface LanePool {
  /**
   * Waits when every lane is in use, or when the owner has its share. `signal` ends the wait: it rejects with the
   * signal's reason. Rejects with `network.lane` when no lane can be made.
   */
  acquire(request: LaneRequest): Promise<LaneTurn>;
  /** Makes a few lanes in advance. Never throws. */
  warm(): void;
  counts(): LaneCounts;
  close(): Promise<void>;
}

export interface LaneRequest {
  /** The owner of the command: shares are counted by owner. */
  readonly owner: string;
  readonly signal?: AbortSignal | undefined;
}

/** Idle lanes, lanes in use, and lanes made since the daemon started. */
export interface LaneCounts {
  readonly idle: number;
  readonly inUse: number;
  readonly made: number;
  /** The number of commands that the idle lanes can still serve. Two bound sockets are ready for each. */
  readonly slots: number;
}

export interface PoolSize {
  /** The number of commands that one lane serves, one after the other. */
  readonly pairsPerLane: number;
  /** Concurrent lanes; further commands wait. */
  readonly maxLanes: number;
}

export interface LanePoolOptions {
  /** The probed bubblewrap (Sandbox.status). */
  readonly status: () => Promise<SandboxStatus>;
  /** For tests: another helper, another nsenter. */
  readonly tools?: Partial<LaneTools>;
  readonly size?: Partial<PoolSize>;
  /** Called when a lane could not be made in advance; the next command reports the error. */
  readonly onTrouble?: (error: Error) => void;
}

/**
 * The number of commands that one namespace serves before it is replaced. A lane costs a Node start, which is 1 ms for
 * each of 64 commands. Every command's pair occupies two descriptors from the start, so where descriptors are scarce
 * the number is smaller.
 */
const PAIRS_PER_LANE = 64;
const PAIRS_WHEN_SCARCE = 8;
/** Below this number, a lane must leave enough descriptors for the command that will run in it. */
const VERY_SCARCE_BELOW = 256;
const PAIRS_WHEN_VERY_SCARCE = 2;
/** Two namespaces, and briefly the connections to the helper and the descriptors for its start. */
const LANE_DESCRIPTORS = 2 + 8;
/** The descriptors of the command that the lane is made for. */
const COMMAND_DESCRIPTORS = 12;
/** Below this limit of open files, descriptors count as scarce. Also the assumption for an unknown limit. */
const SCARCE_BELOW = 16_384;
const ASSUMED_FILES = 1024;
/** Lanes kept ready even before anything has run. */
const WARM_LANES = 3;
/** Idle lanes kept after a burst. */
const MAX_IDLE = 32;
/** Concurrent Node starts: each takes 60 to 90 ms of one processor. */
const MAX_STARTING = 2;
/** How long a burst counts, in milliseconds. */
const PEAK_MS = 60_000;

export function createLanePool(options: LanePoolOptions): LanePool {
  return new Pool(options);
}

/** A lane and its unused pairs. */
interface ReadyLane {
  readonly lane: Lane;
  readonly unused: SocketPair[];
}

interface Waiter {
  readonly owner: string;
  resolve(turn: LaneTurn): void;
  reject(error: Error): void;
}

class Pool implements LanePool {
  readonly #options: LanePoolOptions;
  readonly #size: PoolSize;
  readonly #idle: ReadyLane[] = [];
  readonly #inUse = new Set<LaneTurn>();
  /** Lanes in use, by owner; owners without lanes are absent. */
  readonly #lanesByOwner = new Map<string, number>();
  readonly #waiting: Waiter[] = [];
  readonly #helpers = new Set<ChildProcess>();
  readonly #starts = new Set<Promise<void>>();
  readonly #uncount: () => void;
  #starting = 0;
  #made = 0;
  /** The recent maximum of lanes in use: this many are kept ready. */
  #peak = 0;
  #decay: NodeJS.Timeout | undefined;
  #tools: Promise<LaneTools> | undefined;
  #closed = false;

  constructor(options: LanePoolOptions) {
    this.#options = options;
    this.#size = { ...poolSize(openFilesLimit()), ...options.size };
    this.#uncount = countHolders('lanes', () => this.#idle.length + this.#inUse.size + this.#starting);
  }

  acquire({ owner, signal }: LaneRequest): Promise<LaneTurn> {
    if (this.#closed) return Promise.reject(laneError('the daemon is shutting down', 'Start it again'));
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { owner, resolve, reject };
      if (signal?.aborted) return reject(signal.reason);
      const giveUp = (): void => {
        const index = this.#waiting.indexOf(waiter);
        if (index < 0) return;
        this.#waiting.splice(index, 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push(waiter);
      this.#serve();
    });
  }

  warm(): void {
    this.#peak = Math.max(this.#peak, WARM_LANES);
    this.#fill();
  }

  counts(): LaneCounts {
    const slots = this.#idle.reduce((sum, { unused }) => sum + unused.length, 0);
    return { idle: this.#idle.length, inUse: this.#inUse.size, made: this.#made, slots };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#uncount();
    clearInterval(this.#decay);
    for (const { reject } of this.#waiting.splice(0)) {
      reject(laneError('the daemon is shutting down', 'Start it again'));
    }
    for (const helper of this.#helpers) endHelper(helper);
    for (const { lane, unused } of this.#idle.splice(0)) lane.close(unused);
    for (const turn of [...this.#inUse]) turn.end({ reusable: false });
    await Promise.all(this.#starts);
  }

  /** Assigns idle lanes to waiting commands that may have one, first come first served. */
  #serve(): void {
    while (this.#idle.length > 0) {
      const next = this.#waiting.findIndex(({ owner }) => mayHave(this.#lanesByOwner.get(owner) ?? 0, this.#free()));
      const [waiter] = next < 0 ? [] : this.#waiting.splice(next, 1);
      if (waiter === undefined) break;
      const ready = this.#idle.pop(); // the last one used: its pages are warm
      if (ready === undefined) break;
      waiter.resolve(this.#assign(ready, waiter.owner));
    }
    this.#fill();
  }

  #free(): number {
    return this.#size.maxLanes - this.#inUse.size;
  }

  /** The number of waiting commands that could be served if lanes existed. */
  #served(): number {
    const used = new Map(this.#lanesByOwner);
    let free = this.#free();
    let served = 0;
    for (const { owner } of this.#waiting) {
      const has = used.get(owner) ?? 0;
      if (!mayHave(has, free)) continue;
      used.set(owner, has + 1);
      free--;
      served++;
    }
    return served;
  }

  #assign(ready: ReadyLane, owner: string): LaneTurn {
    const pair = ready.unused.pop();
    if (pair === undefined) throw fault('a lane without sockets is in the list of idle lanes');
    const servers: net.Server[] = [];
    let ended = false;
    const turn: LaneTurn = {
      enter: ready.lane.enter,
      networkNamespace: ready.lane.networkNamespace,
      httpPort: pair.http.port,
      socksPort: pair.socks.port,
      accept: (onHttp, onSocks) => {
        servers.push(listen(pair.http.handle, onHttp), listen(pair.socks.handle, onSocks));
      },
      end: ({ reusable }) => {
        if (ended) return;
        ended = true;
        // Closing the listening sockets detaches them from every command: see the rule above.
        for (const server of servers) server.close();
        this.#inUse.delete(turn);
        this.#count(owner, -1);
        if (servers.length === 0) ready.lane.close([pair, ...ready.unused.splice(0)]);
        else if (!reusable || this.#closed || ready.unused.length === 0 || this.#idle.length >= MAX_IDLE) {
          ready.lane.close(ready.unused.splice(0));
        } else this.#idle.push(ready);
        if (!this.#closed) this.#serve();
      },
    };
    this.#inUse.add(turn);
    this.#count(owner, 1);
    this.#peak = Math.max(this.#peak, this.#inUse.size);
    this.#decay ??= setInterval(() => this.#forget(), PEAK_MS).unref();
    return turn;
  }

  #count(owner: string, change: 1 | -1): void {
    const used = (this.#lanesByOwner.get(owner) ?? 0) + change;
    if (used > 0) this.#lanesByOwner.set(owner, used);
    else this.#lanesByOwner.delete(owner);
  }

  /** Starts helpers for waiting commands, and up to the recent maximum. */
  #fill(): void {
    if (this.#closed) return;
    const ready = this.#peak === 0 ? 0 : Math.min(this.#peak + 1, MAX_IDLE);
    const served = this.#served();
    for (;;) {
      const total = this.#idle.length + this.#inUse.size + this.#starting;
      const wanted = served > this.#starting || total < ready;
      if (!wanted || total >= this.#size.maxLanes || this.#starting >= MAX_STARTING) return;
      // Near the limit of open files, waiting commands get the existing lanes as they become free.
      if (total > 0 && freeDescriptors() < this.#descriptorsOfALane() + COMMAND_DESCRIPTORS) return;
      this.#start();
    }
  }

  #start(): void {
    this.#starting++;
    const start = this.#make()
      .then(
        (lane) => {
          this.#made++;
          if (this.#closed) lane.close(lane.pairs);
          else this.#idle.push({ lane, unused: [...lane.pairs] });
        },
        (error: unknown) => this.#failed(error instanceof Error ? error : new Error(messageOf(error))),
      )
      .finally(() => {
        this.#starting--;
        this.#starts.delete(start);
        if (!this.#closed) this.#serve();
      });
    this.#starts.add(start);
  }

  async #make(): Promise<Lane> {
    this.#tools ??= this.#findTools();
    let tools: LaneTools;
    try {
      tools = await this.#tools;
    } catch (error) {
      this.#tools = undefined; // the missing tool may be installed later
      throw error;
    }
    const settle = this.#claim();
    let helper: ChildProcess | undefined;
    try {
      return await makeLane(tools, this.#size.pairsPerLane, (child) => {
        helper = child;
        this.#helpers.add(child);
        if (this.#closed) endHelper(child);
      });
    } finally {
      settle();
      if (helper !== undefined) this.#helpers.delete(helper);
    }
  }

  /** Throws `network.lane` when too few descriptors are left. */
  #claim(): () => void {
    try {
      return claimDescriptors('a network lane', this.#descriptorsOfALane());
    } catch (error) {
      throw isCode(error, 'machine.descriptors') ? laneError(error.message) : error;
    }
  }

  #descriptorsOfALane(): number {
    return 2 * this.#size.pairsPerLane + LANE_DESCRIPTORS;
  }

  async #findTools(): Promise<LaneTools> {
    const { tools = {}, status } = this.#options;
    const nsenter = tools.nsenter ?? findNsenter();
    const helper = tools.helper ?? defaultLaneHelper();
    if (tools.bubblewrap !== undefined) return { bubblewrap: tools.bubblewrap, nsenter, helper };
    const sandbox = await status();
    if (!sandbox.available) throw laneError(sandbox.reason, sandbox.fix);
    return { bubblewrap: sandbox.program, nsenter, helper };
  }

  /** The command that waits longest gets the error. Lanes in advance are not tried again before the next request. */
  #failed(error: Error): void {
    this.#peak = 0;
    const waiter = this.#waiting.shift();
    if (waiter !== undefined) waiter.reject(error);
    else if (!this.#closed) this.#options.onTrouble?.(error);
  }

  #forget(): void {
    this.#peak = Math.max(this.#inUse.size, WARM_LANES);
    const surplus = this.#idle.length + this.#inUse.size - this.#peak - 1;
    for (const { lane, unused } of this.#idle.splice(0, Math.max(surplus, 0))) lane.close(unused);
  }
}

/** The rule of shares: fewer than are free. When there is one lane in all, the first owner gets it. */
const mayHave = (used: number, free: number): boolean => used < free;

/** Lanes may use half of the descriptors that the process can have. */
export function poolSize(openFiles: number): PoolSize {
  const pairsPerLane =
    openFiles < VERY_SCARCE_BELOW
      ? PAIRS_WHEN_VERY_SCARCE
      : openFiles < SCARCE_BELOW
        ? PAIRS_WHEN_SCARCE
        : PAIRS_PER_LANE;
  return { pairsPerLane, maxLanes: Math.max(Math.floor(openFiles / 2 / (2 * pairsPerLane + 2)), 1) };
}

/** The soft limit, which Node raises to the hard limit at its start. */
function openFilesLimit(): number {
  const limit = descriptorLimit();
  return limit === Infinity ? ASSUMED_FILES : limit;
}

function listen(handle: object, onConnection: (socket: net.Socket) => void): net.Server {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, onConnection);
  server.on('error', () => server.close()); // no accept, no connection: the command has no network
  server.listen(handle);
  server.unref();
  return server;
}
