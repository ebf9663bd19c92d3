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
 * Waiting commands are served in order, among those that may have a lane (shares.ts).
 * Scope: the attribution of connections, and the assignment of lanes.
 * Non-scope: what a connection may do (decide.ts).
 */
import { fault } from '../../errors/fault.js';
import { messageOf } from '../../errors/message-of.js';
import { laneError } from '../../errors/network-errors.js';
import { countHolders, freeDescriptors } from '../../system/programs/descriptors.js';
import type { Lane, SocketPair } from './lane.js';
import { LaneMaker, type LaneMakerOptions } from './lane-maker.js';
import { LanePreparation, type ReadyLane } from './lane-preparation.js';
import { createLaneTurn, type LaneTurn } from './lane-turn.js';
import { LaneWaiters } from './lane-waiters.js';
import { descriptorsToMakeOne, openFilesLimit, poolSize, type PoolSize } from './pool-size.js';
import type { LanePreparer } from '../registration/registration.js';
import { LaneShares } from './shares.js';

export interface LanePool {
  /**
   * Waits when every lane is in use, or when the owner has its share. `signal` ends the wait: it rejects with the
   * signal's reason. Rejects with `network.lane` when no lane can be made.
   */
  acquire(request: LaneRequest): Promise<LaneTurn>;
  /** Makes a few lanes in advance. Never throws. */
  warm(request?: Pick<LaneRequest, 'transparent'>): void;
  /** From now on idle lanes are prepared. Absent where lanes are ports. */
  prepareWith?(preparer: LanePreparer): void;
  counts(): LaneCounts;
  close(): Promise<void>;
}

export interface LaneRequest {
  /** The owner of the command: shares are counted by owner. */
  readonly owner: string;
  readonly signal?: AbortSignal | undefined;
  /** Wants a lane for `transparent_tcp`: platform-lanes.ts has a pool of its own for them. */
  readonly transparent?: boolean;
}

/** Idle lanes, lanes in use, and lanes made since the daemon started. */
export interface LaneCounts {
  readonly idle: number;
  readonly inUse: number;
  readonly made: number;
  /** The number of commands that the idle lanes can still serve. Two bound sockets are ready for each. */
  readonly slots: number;
  /** Connections that were closed because they are no command's: only where lanes are ports. */
  readonly refused?: number;
}

export interface LanePoolOptions extends LaneMakerOptions {
  readonly size?: Partial<PoolSize>;
  /** Called when a lane could not be made in advance; the next command reports the error. */
  readonly onTrouble?: (error: Error) => void;
}

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

class Pool implements LanePool {
  readonly #options: LanePoolOptions;
  readonly #size: PoolSize;
  readonly #idle: ReadyLane[] = [];
  readonly #inUse = new Set<LaneTurn>();
  readonly #shares: LaneShares;
  readonly #waiting = new LaneWaiters();
  readonly #maker: LaneMaker;
  readonly #starts = new Set<Promise<void>>();
  readonly #uncount: () => void;
  #starting = 0;
  #made = 0;
  /** The recent maximum of lanes in use: this many are kept ready. */
  #peak = 0;
  #decay: NodeJS.Timeout | undefined;
  #closed = false;
  readonly #preparation = new LanePreparation({
    take: () => (this.#inUse.size > 0 || this.#closed ? undefined : this.#idle.pop()),
    track: (preparing) => this.#track(preparing),
    prepared: (ready) => {
      if (this.#closed) return this.#closeLane(ready.lane, ready.unused);
      this.#idle.push(ready);
      this.#serve();
    },
  });

  constructor(options: LanePoolOptions) {
    this.#options = options;
    this.#size = { ...poolSize(openFilesLimit(), options.kind), ...options.size };
    this.#shares = new LaneShares(this.#size.maxLanes);
    this.#maker = new LaneMaker(options, this.#size);
    this.#uncount = countHolders('lanes', () => this.#total());
  }

  acquire({ owner, signal }: LaneRequest): Promise<LaneTurn> {
    if (this.#closed) return Promise.reject(laneError('the daemon is shutting down', 'Start it again'));
    const turn = this.#waiting.wait(owner, signal);
    this.#serve();
    return turn;
  }

  warm(): void {
    this.#peak = Math.max(this.#peak, WARM_LANES);
    this.#fill();
  }

  counts(): LaneCounts {
    const slots = this.#idle.reduce((sum, { unused }) => sum + unused.length, 0);
    return { idle: this.#idle.length + this.#preparation.count, inUse: this.#inUse.size, made: this.#made, slots };
  }

  prepareWith(preparer: LanePreparer): void {
    this.#preparation.use(preparer);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#preparation.hold();
    this.#uncount();
    clearInterval(this.#decay);
    while (this.#waiting.fail(laneError('the daemon is shutting down', 'Start it again')));
    this.#maker.close();
    for (const { lane, unused } of this.#idle.splice(0)) this.#closeLane(lane, unused);
    for (const turn of [...this.#inUse]) turn.end({ reusable: false });
    while (this.#starts.size > 0) await Promise.all(this.#starts);
  }

  /** Assigns idle lanes to waiting commands that may have one, first come first served. */
  #serve(): void {
    while (this.#idle.length > 0) {
      const waiter = this.#waiting.next((owner) => this.#shares.mayTake(owner));
      if (waiter === undefined) break;
      const ready = this.#idle.pop(); // the last one used: its pages are warm
      if (ready === undefined) break;
      waiter.resolve(this.#assign(ready, waiter.owner));
    }
    this.#fill();
  }

  #assign(ready: ReadyLane, owner: string): LaneTurn {
    const pair = ready.unused.pop();
    if (pair === undefined) throw fault('a lane without sockets is in the list of idle lanes');
    const turn = createLaneTurn(ready.lane, pair, ({ used, reusable }) => {
      this.#inUse.delete(turn);
      this.#shares.giveBack(owner);
      if (!used) this.#closeLane(ready.lane, [pair, ...ready.unused.splice(0)]);
      else if (!reusable || this.#closed || ready.unused.length === 0 || this.#idle.length >= MAX_IDLE) {
        this.#closeLane(ready.lane, ready.unused.splice(0));
      } else this.#idle.push(ready);
      if (this.#closed) return;
      this.#serve();
      if (this.#inUse.size === 0) this.#preparation.soon();
    });
    this.#preparation.hold();
    this.#inUse.add(turn);
    this.#shares.take(owner);
    this.#peak = Math.max(this.#peak, this.#inUse.size);
    this.#decay ??= setInterval(() => this.#forget(), PEAK_MS).unref();
    return turn;
  }

  /** Starts helpers for waiting commands, and up to the recent maximum. */
  #fill(): void {
    if (this.#closed) return;
    const ready = this.#peak === 0 ? 0 : Math.min(this.#peak + 1, MAX_IDLE);
    const served = this.#shares.servable(this.#waiting.owners());
    for (;;) {
      const total = this.#total();
      const wanted = served > this.#starting || total < ready;
      if (!wanted || total >= this.#size.maxLanes || this.#starting >= MAX_STARTING) return;
      // Near the limit of open files, waiting commands get the existing lanes as they become free.
      if (total > 0 && freeDescriptors() < descriptorsToMakeOne(this.#size)) return;
      this.#start();
    }
  }

  #total(): number {
    return this.#idle.length + this.#preparation.count + this.#inUse.size + this.#starting;
  }

  /** The namespaces stay open until nothing prepared is in them: their descriptors' numbers are given again. */
  #closeLane(lane: Lane, unused: readonly SocketPair[]): void {
    const discarding = this.#preparation.discard(lane);
    if (discarding === null) lane.close(unused);
    else this.#track(discarding.finally(() => lane.close(unused)));
  }

  /** What the end of the pool waits for. */
  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#starts.delete(tracked));
    this.#starts.add(tracked);
  }

  #start(): void {
    this.#starting++;
    const start = this.#maker
      .make()
      .then(
        (lane) => {
          this.#made++;
          if (this.#closed) this.#closeLane(lane, lane.pairs);
          else this.#idle.push({ lane, unused: [...lane.pairs] });
        },
        (error: unknown) => this.#failed(error instanceof Error ? error : new Error(messageOf(error))),
      )
      .finally(() => {
        this.#starting--;
        if (!this.#closed) this.#serve();
      });
    this.#track(start);
  }

  /** The command that waits longest gets the error. Lanes in advance are not tried again before the next request. */
  #failed(error: Error): void {
    this.#peak = 0;
    if (!this.#waiting.fail(error) && !this.#closed) this.#options.onTrouble?.(error);
  }

  #forget(): void {
    this.#peak = Math.max(this.#inUse.size, WARM_LANES);
    const surplus = this.#idle.length + this.#inUse.size - this.#peak - 1;
    for (const { lane, unused } of this.#idle.splice(0, Math.max(surplus, 0))) this.#closeLane(lane, unused);
  }
}
