/**
 * The pool of lanes.
 *
 * Threat: a connection that one command made, arriving when the next command already owns the lane: a socket in the
 * kernel's accept queue, or a handshake that a dead client's kernel finishes late, would be blamed on the wrong
 * command.
 * Rule: no listening socket ever serves two commands. Each command is lent a pair of sockets that nothing could connect
 * to before (they are bound but do not listen), and they are closed for good when it ends: the kernel then resets
 * whatever was queued or half open on them. The namespace itself is lent again only when the last command's process
 * tree is gone, so that no process can be in it twice; else it is thrown away.
 * Threat: an owner whose commands hold every lane, so that nobody else's proxied command ever starts.
 * Rule: an owner gets a further lane only while it holds fewer than are free. So one owner has at most half of them,
 * the next half of the rest, and so on; whoever waits is served in order among those who may have one.
 * Scope: whose connection it is, who gets a lane. Non-scope: what a connection may do (decide.ts).
 */
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

/** One command's turn in a lane. */
export interface LaneTurn {
  readonly enter: readonly string[];
  readonly networkNamespace: number;
  readonly httpPort: number;
  readonly socksPort: number;
  /** Starts to accept. Every connection on the pair belongs to this turn, from the first to the last. */
  accept(onHttp: (socket: net.Socket) => void, onSocks: (socket: net.Socket) => void): void;
  /** Closes the pair. `reusable`: no process of the command is left in the namespace. Idempotent. */
  end(options: { readonly reusable: boolean }): void;
}

export interface LanePool {
  /**
   * Waits for its turn when every lane is taken, or the owner has its share. `signal` ends the wait: it rejects with
   * the signal's reason. Rejects with `network.lane` when no lane can be made.
   */
  acquire(request: LaneRequest): Promise<LaneTurn>;
  /** Makes a few lanes ahead of need. Never throws. */
  warm(): void;
  counts(): LaneCounts;
  close(): Promise<void>;
}

export interface LaneRequest {
  /** Whose command it is: what shares are counted by. */
  readonly owner: string;
  readonly signal?: AbortSignal | undefined;
}

/** Lanes that wait for a command, that a command is in, and that were made since the daemon started. */
export interface LaneCounts {
  readonly idle: number;
  readonly lent: number;
  readonly made: number;
  /** Commands that the idle ones will still take; each holds two listening sockets ready for it. */
  readonly slots: number;
}

export interface PoolSize {
  /** Commands that one lane serves, one after the other. */
  readonly pairsPerLane: number;
  /** Lanes at once; commands beyond wait. */
  readonly maxLanes: number;
}

export interface LanePoolOptions {
  /** The probed bubblewrap (Sandbox.status). */
  readonly status: () => Promise<SandboxStatus>;
  /** For tests: another helper, another nsenter. */
  readonly tools?: Partial<LaneTools>;
  readonly size?: Partial<PoolSize>;
  /** Told when a lane that was made ahead of need could not be made; the next command will show it. */
  readonly onTrouble?: (error: Error) => void;
}

/**
 * Commands that one namespace serves before it is replaced: a lane costs a Node start, which is 1 ms each over 64 of
 * them. Every command's pair is two descriptors held from the start, so where descriptors are scarce it is fewer.
 */
const PAIRS_PER_LANE = 64;
const PAIRS_WHEN_SCARCE = 8;
/** Below so many, a lane must leave enough for the command that is to run in it. */
const VERY_SCARCE_BELOW = 256;
const PAIRS_WHEN_VERY_SCARCE = 2;
/** Two namespaces; and for a moment the connections to the helper, with what it takes to start it. */
const LANE_DESCRIPTORS = 2 + 8;
/** What the command takes that a lane is made for. */
const COMMAND_DESCRIPTORS = 12;
/** Open files that a process may have, below which they are scarce; and what is assumed when nobody says. */
const SCARCE_BELOW = 16_384;
const ASSUMED_FILES = 1024;
/** Lanes kept ready even when nothing has run yet. */
const WARM_LANES = 3;
/** Idle lanes kept after a burst. */
const MAX_IDLE = 32;
/** Node starts at once: each is 60 to 90 ms of one processor. */
const MAX_STARTING = 2;
/** How long a burst is remembered, in milliseconds. */
const PEAK_MS = 60_000;

export function createLanePool(options: LanePoolOptions): LanePool {
  return new Pool(options);
}

/** A lane and the pairs that no command was lent yet. */
interface Standing {
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
  readonly #idle: Standing[] = [];
  readonly #lent = new Set<LaneTurn>();
  /** Lanes lent, by owner; nobody stands here with none. */
  readonly #held = new Map<string, number>();
  readonly #waiting: Waiter[] = [];
  readonly #helpers = new Set<ChildProcess>();
  readonly #starts = new Set<Promise<void>>();
  readonly #uncount: () => void;
  #starting = 0;
  #made = 0;
  /** The most lanes lent at once lately: as many are kept ready. */
  #peak = 0;
  #decay: NodeJS.Timeout | undefined;
  #tools: Promise<LaneTools> | undefined;
  #closed = false;

  constructor(options: LanePoolOptions) {
    this.#options = options;
    this.#size = { ...poolSize(openFilesLimit()), ...options.size };
    this.#uncount = countHolders('lanes', () => this.#idle.length + this.#lent.size + this.#starting);
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
    return { idle: this.#idle.length, lent: this.#lent.size, made: this.#made, slots };
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
    for (const turn of [...this.#lent]) turn.end({ reusable: false });
    await Promise.all(this.#starts);
  }

  /** Hands idle lanes to those who wait and may have one, first come first served. */
  #serve(): void {
    while (this.#idle.length > 0) {
      const next = this.#waiting.findIndex(({ owner }) => mayHave(this.#held.get(owner) ?? 0, this.#free()));
      const [waiter] = next < 0 ? [] : this.#waiting.splice(next, 1);
      if (waiter === undefined) break;
      const standing = this.#idle.pop(); // the last one used: its pages are warm
      if (standing === undefined) break;
      waiter.resolve(this.#lend(standing, waiter.owner));
    }
    this.#fill();
  }

  #free(): number {
    return this.#size.maxLanes - this.#lent.size;
  }

  /** Those who wait and would be served if lanes were there. */
  #served(): number {
    const held = new Map(this.#held);
    let free = this.#free();
    let served = 0;
    for (const { owner } of this.#waiting) {
      const has = held.get(owner) ?? 0;
      if (!mayHave(has, free)) continue;
      held.set(owner, has + 1);
      free--;
      served++;
    }
    return served;
  }

  #lend(standing: Standing, owner: string): LaneTurn {
    const pair = standing.unused.pop();
    if (pair === undefined) throw new Error('a lane without sockets must not be idle');
    const servers: net.Server[] = [];
    let ended = false;
    const turn: LaneTurn = {
      enter: standing.lane.enter,
      networkNamespace: standing.lane.networkNamespace,
      httpPort: pair.http.port,
      socksPort: pair.socks.port,
      accept: (onHttp, onSocks) => {
        servers.push(listen(pair.http.handle, onHttp), listen(pair.socks.handle, onSocks));
      },
      end: ({ reusable }) => {
        if (ended) return;
        ended = true;
        // Closing the listening sockets is what makes them nobody's: see the rule above.
        for (const server of servers) server.close();
        this.#lent.delete(turn);
        this.#count(owner, -1);
        if (servers.length === 0) standing.lane.close([pair, ...standing.unused.splice(0)]);
        else if (!reusable || this.#closed || standing.unused.length === 0 || this.#idle.length >= MAX_IDLE) {
          standing.lane.close(standing.unused.splice(0));
        } else this.#idle.push(standing);
        if (!this.#closed) this.#serve();
      },
    };
    this.#lent.add(turn);
    this.#count(owner, 1);
    this.#peak = Math.max(this.#peak, this.#lent.size);
    this.#decay ??= setInterval(() => this.#forget(), PEAK_MS).unref();
    return turn;
  }

  #count(owner: string, change: 1 | -1): void {
    const held = (this.#held.get(owner) ?? 0) + change;
    if (held > 0) this.#held.set(owner, held);
    else this.#held.delete(owner);
  }

  /** Starts helpers for those who wait, and up to what was needed lately. */
  #fill(): void {
    if (this.#closed) return;
    const ready = this.#peak === 0 ? 0 : Math.min(this.#peak + 1, MAX_IDLE);
    const served = this.#served();
    for (;;) {
      const standing = this.#idle.length + this.#lent.size + this.#starting;
      const wanted = served > this.#starting || standing < ready;
      if (!wanted || standing >= this.#size.maxLanes || this.#starting >= MAX_STARTING) return;
      // Near the limit of open files those who wait get the lanes that are there, as they come back.
      if (standing > 0 && freeDescriptors() < this.#descriptorsOfALane() + COMMAND_DESCRIPTORS) return;
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
        (error: unknown) => this.#failed(error instanceof Error ? error : new Error(String(error))),
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
      this.#tools = undefined; // somebody may install what is missing
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

  /** The one who waits longest hears of it; lanes for later are not tried again until somebody asks. */
  #failed(error: Error): void {
    this.#peak = 0;
    const waiter = this.#waiting.shift();
    if (waiter !== undefined) waiter.reject(error);
    else if (!this.#closed) this.#options.onTrouble?.(error);
  }

  #forget(): void {
    this.#peak = Math.max(this.#lent.size, WARM_LANES);
    const surplus = this.#idle.length + this.#lent.size - this.#peak - 1;
    for (const { lane, unused } of this.#idle.splice(0, Math.max(surplus, 0))) lane.close(unused);
  }
}

/** The rule of shares: fewer than are free. With one lane in all, whoever comes first has it. */
const mayHave = (held: number, free: number): boolean => held < free;

/** Lanes may take half of the descriptors that the process can have. */
export function poolSize(openFiles: number): PoolSize {
  const pairsPerLane =
    openFiles < VERY_SCARCE_BELOW
      ? PAIRS_WHEN_VERY_SCARCE
      : openFiles < SCARCE_BELOW
        ? PAIRS_WHEN_SCARCE
        : PAIRS_PER_LANE;
  return { pairsPerLane, maxLanes: Math.max(Math.floor(openFiles / 2 / (2 * pairsPerLane + 2)), 1) };
}

/** The soft limit, which Node has raised to the hard one at its start. */
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
