/**
 * Who listens to a thread, and what they are told: one sequence of notifications for all of them, written once each.
 *
 * Rule: subscribing takes effect at once, in the order of the calls. Whoever takes a snapshot and joins in one
 * synchronous step has everything exactly once; what happens before the answer is sent waits behind it (`join`).
 */
import { setMaxListeners } from 'node:events';
import type { NotificationParams, ServerNotificationMethod } from '../../../schema/registry.js';
import type { Caller, RequestContext } from '../../rpc/connection/caller.js';
import type { EncodedNotification } from '../../rpc/server.js';
import type { Outbox } from './outbox.js';
import type { ThreadId } from '../store/records/thread-id.js';
import { createEventRing, type EventRing, type RingEntry } from './event-ring.js';
import type { Joined, ThreadEvents } from './live-thread.js';
import { createQuestions } from './questions.js';

export interface ThreadEventsOptions {
  readonly threadId: ThreadId;
  readonly outbox: Outbox;
  /** The number before the first notification's. */
  readonly base: number;
  /** The number of subscribers has changed. */
  readonly onAudience: () => void;
  /** What an `ask` is to be, made of the bare question (unanswered.ts). */
  readonly around: (ask: ThreadEvents['ask']) => ThreadEvents['ask'];
}

/** What its owner may do besides. */
export interface OwnedEvents extends ThreadEvents {
  readonly ring: EventRing;
  /** Questions that nobody has answered. */
  readonly questions: number;
  /** Open questions are settled without an answer. */
  closeQuestions(): void;
  /** Forgets the subscribers. */
  close(): void;
}

interface Subscriber {
  /** What waits for the answer to the request that joined; null when nothing is to wait. */
  held: (() => void)[] | null;
  /** How many answers it waits for. */
  holds: number;
  /** It did not read for a while: nobody waits for it. */
  lags: boolean;
  stop(): void;
}

export function createThreadEvents(options: ThreadEventsOptions): OwnedEvents {
  const { threadId, outbox, base, onAudience } = options;
  const subscribers = new Map<Caller, Subscriber>();
  const ring = createEventRing(base);
  let sequence = base;
  let holding = 0;

  const sendTo = (caller: Caller, send: () => void): void => {
    const held = subscribers.get(caller)?.held;
    if (held) held.push(send);
    else send();
  };
  const deliver = (callers: Iterable<Caller>, notification: EncodedNotification): void => {
    if (!holding) return outbox.deliver(callers, notification);
    for (const caller of callers) sendTo(caller, () => outbox.deliver([caller], notification));
  };
  const entryOf = <M extends ServerNotificationMethod>(
    method: M,
    params: NotificationParams<M>,
    toldTo: RingEntry['toldTo'],
  ): RingEntry => {
    sequence++;
    const entry = { ...outbox.encode(method, params, sequence), sequence, toldTo };
    ring.add(entry);
    return entry;
  };
  const questions = createQuestions({
    nextRequestId: () => outbox.nextRequestId(),
    audience: () => subscribers.keys(),
    send: sendTo,
    tellResolved(requestId, only) {
      const params = { threadId, requestId };
      if (only) outbox.multicast(only, 'serverRequest/resolved', params);
      else notify('serverRequest/resolved', params);
    },
  });

  const notify: ThreadEvents['notify'] = (method, params) => {
    const entry = entryOf(method, params, null);
    deliver(interested(subscribers.keys(), method), entry);
  };
  const announce: ThreadEvents['announce'] = (method, params) => {
    const callers = interested(outbox.callers(), method);
    const toldTo = new Set([...callers].map(({ connectionId }) => connectionId));
    deliver(callers, entryOf(method, params, toldTo));
  };

  const add = (caller: Caller): Subscriber | null => {
    if (caller.closed.aborted || subscribers.has(caller)) return null;
    const leave = (): void => void unsubscribe(caller);
    caller.closed.addEventListener('abort', leave, { once: true });
    const subscriber: Subscriber = {
      held: null,
      holds: 0,
      lags: false,
      stop: () => caller.closed.removeEventListener('abort', leave),
    };
    subscribers.set(caller, subscriber);
    return subscriber;
  };
  const unsubscribe = (caller: Caller): boolean => {
    const subscriber = subscribers.get(caller);
    if (!subscriber) return false;
    subscribers.delete(caller);
    subscriber.stop();
    if (subscriber.held) holding--;
    subscriber.held = null;
    questions.left(caller);
    onAudience();
    return true;
  };
  const hold = (caller: Caller, context: Pick<RequestContext, 'afterAnswer'>): void => {
    const subscriber = subscribers.get(caller);
    if (!subscriber) return;
    if (!subscriber.held) holding++;
    subscriber.held ??= [];
    subscriber.holds++;
    context.afterAnswer(() => {
      if (--subscriber.holds > 0 || !subscriber.held) return;
      const { held } = subscriber;
      subscriber.held = null;
      holding--;
      for (const send of held) send();
    });
  };
  const replay: ThreadEvents['replay'] = (caller, after) => {
    const missed = ring.after(after);
    if (!missed) return false;
    for (const entry of missed) {
      if (entry.toldTo?.has(caller.connectionId) || !isInterested(caller, entry.method)) continue;
      deliver([caller], entry);
    }
    return true;
  };

  return {
    get sequence() {
      return sequence;
    },
    get subscribers() {
      return [...subscribers.keys()];
    },
    subscribe(caller) {
      if (!add(caller)) return false;
      questions.joined(caller);
      onAudience();
      return true;
    },
    unsubscribe,
    notify,
    announce,
    replay,
    join(caller, context, afterSequence = null): Joined {
      const added = add(caller) !== null;
      hold(caller, context);
      const caughtUp = afterSequence === null ? null : replay(caller, afterSequence);
      questions.joined(caller);
      if (added) onAudience();
      return { sequence, caughtUp };
    },
    drained: () => untilDrained(subscribers),
    ask: options.around((method, params, signal) => {
      // A turn's signal has a listener for each of its open questions.
      setMaxListeners(0, signal);
      return questions.ask(method, params, signal);
    }),
    ring,
    get questions() {
      return questions.open;
    },
    closeQuestions: () => questions.close(),
    close() {
      for (const { stop } of subscribers.values()) stop();
      subscribers.clear();
      holding = 0;
    },
  };
}

/** Notifications that only connections with `experimentalApi` get (docs/protocol/transport.md §2). */
const EXPERIMENTAL: ReadonlySet<string> = new Set(['thread/readState/changed']);
const isInterested = (caller: Caller, method: string): boolean => caller.experimentalApi || !EXPERIMENTAL.has(method);
const interested = (callers: Iterable<Caller>, method: string): Iterable<Caller> =>
  EXPERIMENTAL.has(method) ? [...callers].filter((caller) => caller.experimentalApi) : callers;

/**
 * How long bulk output waits for a client that does not read: longer than a busy client's pause. Whoever takes longer
 * is not waited for again until it has caught up; its own outbox cuts it off when too much waits for it.
 */
const PATIENCE_MS = 1000;

async function untilDrained(subscribers: ReadonlyMap<Caller, Subscriber>): Promise<void> {
  const waiting = new Set<Subscriber>();
  const all = [...subscribers].flatMap(([caller, subscriber]) => {
    if (subscriber.lags) return [];
    waiting.add(subscriber);
    return caller.drained().then(() => {
      subscriber.lags = false;
      waiting.delete(subscriber);
    });
  });
  if (!all.length) return;
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      for (const subscriber of waiting) subscriber.lags = true;
      resolve();
    }, PATIENCE_MS);
  });
  await Promise.race([Promise.all(all), patience]);
  clearTimeout(timer);
}
