/** The threads that are loaded in this daemon (see LiveThreads). An unused thread is unloaded after a while. */
import { describe } from '../../errors/describe.js';
import { setImmediate } from 'node:timers/promises';
import { fault } from '../../errors/fault.js';
import type { Logger } from '../../log/log.js';
import { countHolders, descriptorsAreFew, onScarcity } from '../../system/programs/descriptors.js';
import type { ThreadCatalog } from '../catalog/thread-catalog.js';
import type { Outbox } from './outbox.js';
import { newSessionCounts, type SessionCounts } from '../../metrics/session-counts.js';
import type { ThreadId } from '../store/records/thread-id.js';
import { createRingRoom } from './delivery/event-ring.js';
import { createLiveThread, type LiveThreadOptions, type OwnedThread } from './create-live-thread.js';
import type { LiveThread } from './live-thread.js';
import type { LiveThreads } from './live-threads.js';

export interface LiveThreadsOptions {
  readonly outbox: Outbox;
  readonly catalog: Pick<ThreadCatalog, 'touched' | 'turnEnded'>;
  readonly runtime: LiveThreadOptions['runtime'];
  readonly log: Logger;
  /** The default, for tests: nobody counts. */
  readonly counts?: SessionCounts;
  /** How long a thread without subscribers and without a turn stays loaded, in milliseconds. */
  readonly idleUnloadMs?: number;
  /** How long a quiet thread keeps its full ring of notifications for clients that reconnect, in milliseconds. */
  readonly quietMs?: number;
}

/** The value that the reference documents (docs/protocol/threads.md §8). */
const IDLE_UNLOAD_MS = 30 * 60_000;
/** Longer than a client takes to reconnect. */
const QUIET_MS = 60_000;

export function createLiveThreads(options: LiveThreadsOptions): LiveThreads {
  const { log, idleUnloadMs = IDLE_UNLOAD_MS, quietMs = QUIET_MS, counts = newSessionCounts() } = options;
  const threads = new Map<ThreadId, OwnedThread>();
  const timers = new Map<ThreadId, Timers>();
  /** Threads without a turn and without subscribers, with the time since when; the longest unused first. */
  const unused = new Map<OwnedThread, number>();
  const queues = new Map<ThreadId, Promise<unknown>>();
  const room = createRingRoom();
  const uncount = countHolders('threads', () => threads.size);
  let idleWaiters: (() => void)[] = [];
  /** The highest number that was used so far: a clock that is set back does not repeat a number. */
  let highest = 0;

  /** A turn that waits for a person may wait without end, so the daemon does not wait for it. */
  const busy = (): boolean =>
    [...threads.values()].some(
      ({ turn, status }) => turn !== null && !(status.type === 'active' && status.activeFlags.length),
    );
  const changed = (thread: OwnedThread): void => {
    if (!busy()) {
      const waiters = idleWaiters;
      idleWaiters = [];
      waiters.forEach((resolve) => resolve());
    }
    const own = timers.get(thread.id);
    if (!own) return;
    unused.delete(thread);
    clearTimeout(own.quiet);
    clearTimeout(own.idle);
    if (thread.turn) return;
    own.quiet = later(quietMs, () => thread.events.ring.trim());
    if (thread.events.subscribers.length > 0) return;
    unused.set(thread, performance.now());
    own.idle = later(idleUnloadMs, () => void unloadIdle(thread));
  };
  const unloadIdle = (thread: OwnedThread): Promise<void> =>
    exclusively(thread.id, async () => {
      if (unused.has(thread) && threads.get(thread.id) === thread) await unload(thread.id, { closed: true });
    }).catch((error: unknown) => log.error(...describe(`thread ${thread.id} was not unloaded in order`, error)));
  const unloadLost = (thread: OwnedThread): void => {
    const own = threads.get(thread.id) === thread ? timers.get(thread.id) : undefined;
    if (own === undefined || own.lost === true) return;
    own.lost = true;
    log.warn(`the file of a thread was ${thread.writer?.lost}: it is unloaded`, { thread: thread.id });
    exclusively(thread.id, async () => {
      await setImmediate(); // a thread that cannot write reports that first
      if (threads.get(thread.id) === thread) await unload(thread.id, { closed: true });
    }).catch((error: unknown) => log.error(...describe(`thread ${thread.id} was not unloaded in order`, error)));
  };
  let giving: Promise<void> | null = null;
  /** Unused threads return their descriptors: each holds a file and a lock. */
  const unloadUnused = (): Promise<void> =>
    (giving ??= (async () => {
      for (const [thread, since] of [...unused]) {
        if (!descriptorsAreFew()) return;
        if (!canUnload(thread) || performance.now() - since < SETTLED_MS) continue;
        log.info('thread unloaded early: few descriptors are left', { thread: thread.id });
        await unloadIdle(thread);
      }
    })().finally(() => (giving = null)));
  /**
   * The thread is on disk, nothing runs in it, and no work is queued for it (`queues`): queued work may wait for this
   * call.
   */
  const canUnload = ({ id, writer, terminals }: OwnedThread): boolean =>
    writer?.exists === true && terminals.list().length === 0 && !queues.has(id);
  const stopGiving = onScarcity(unloadUnused);

  const unload: LiveThreads['unload'] = async (id, { closed = false, untold = false } = {}) => {
    const thread = threads.get(id);
    if (!thread) return;
    await interruptAll(thread);
    // Background processes end with the thread. Their ends and their output belong to its history.
    thread.terminals.terminateAll();
    await Promise.all([
      thread.terminals.ended(TERMINALS_LIMIT_MS),
      thread.runtime.mcp.end(),
      thread.runtime.hooks.end(),
    ]);
    await interruptAll(thread);
    // Another call may have unloaded the thread while its turn ended.
    if (threads.get(id) !== thread) return;
    threads.delete(id);
    unused.delete(thread);
    const own = timers.get(id);
    clearTimeout(own?.quiet);
    clearTimeout(own?.idle);
    timers.delete(id);
    log.info('thread unloaded', { thread: id });
    thread.close(untold ? 'nothing' : closed ? 'closed' : 'status');
    highest = Math.max(highest, thread.events.sequence);
    await thread.writer?.close();
  };
  const exclusively: LiveThreads['exclusively'] = (id, work) => {
    const before = queues.get(id) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.then(
      () => {},
      () => {},
    );
    queues.set(id, settled);
    void settled.then(() => {
      if (queues.get(id) === settled) queues.delete(id);
    });
    return mine;
  };

  return {
    get: (id) => threads.get(id) ?? null,
    ids: () => threads.keys(),
    load(load) {
      if (threads.has(load.id)) throw fault(`thread ${load.id} is loaded already`);
      const base = Math.max(Date.now() * NUMBERS_A_MILLISECOND, highest);
      const thread: OwnedThread = createLiveThread({
        ...load,
        outbox: options.outbox,
        catalog: options.catalog,
        runtime: options.runtime,
        log,
        counts,
        base,
        room,
        onChange: () => changed(thread),
        onLost: () => unloadLost(thread),
      });
      threads.set(load.id, thread);
      timers.set(load.id, {});
      log.info(`thread ${load.how ?? 'resumed'}`, { thread: load.id });
      changed(thread);
      return thread;
    },
    unload,
    exclusively,
    busy,
    idle: () => (busy() ? new Promise((resolve) => idleWaiters.push(resolve)) : Promise.resolve()),
    counts: () => ({
      loaded: threads.size,
      running: [...threads.values()].filter(({ turn }) => turn !== null).length,
      questions: [...threads.values()].reduce((sum, { events }) => sum + events.questions, 0),
    }),
    async close() {
      uncount();
      stopGiving();
      await Promise.all([...threads.keys()].map((id) => unload(id)));
    },
  };
}

/** The timers of one loaded thread. `lost`: the thread is being unloaded because its file was removed or changed. */
interface Timers {
  quiet?: NodeJS.Timeout;
  idle?: NodeJS.Timeout;
  lost?: true;
}

/** A new thread has its first subscriber by then, in milliseconds. */
const SETTLED_MS = 2_000;
/** How long to wait for the end of killed background processes, in milliseconds. */
const TERMINALS_LIMIT_MS = 1_000;

/**
 * A thread's numbers start at the time of loading, in thousandths of milliseconds. No thread sends a thousand
 * notifications in every millisecond, so the next load starts with a higher number. The numbers are exact doubles until
 * the year 2255.
 */
const NUMBERS_A_MILLISECOND = 1000;

/** Also interrupts turns that wait for the end of another one: each begins when the one before it ends. */
async function interruptAll(thread: LiveThread): Promise<void> {
  while (thread.turn !== null) await thread.interrupt();
}

/** A timer that does not keep the daemon alive. */
function later(ms: number, act: () => void): NodeJS.Timeout {
  const timer = setTimeout(act, ms);
  timer.unref();
  return timer;
}
