/**
 * The subscribers of a thread and its notifications: one sequence for all subscribers, each notification encoded once.
 *
 * Rule: a subscription takes effect at once, in the order of the calls. A client that takes a snapshot and joins in one
 * synchronous step receives everything exactly once. Notifications that come before the answer wait until it is sent
 * (`join`).
 */
import { setMaxListeners } from 'node:events';
import type { NotificationParams, ServerNotificationMethod } from '../../../schema/registry.js';
import type { Caller } from '../../rpc/connection/caller.js';
import type { EncodedNotification } from '../../rpc/server.js';
import type { Outbox } from './outbox.js';
import type { ThreadId } from '../store/records/thread-id.js';
import {
  createEventRing,
  createRingRoom,
  type EventRing,
  type RingEntry,
  type RingRoom,
} from './delivery/event-ring.js';
import { createHeldMessages, type HeldMessages } from './delivery/held-messages.js';
import type { Joined, ThreadEvents } from './live-thread.js';
import { createQuestions } from './delivery/questions.js';
import { createLateListener, type LateListener } from './delivery/late-listeners.js';

export interface ThreadEventsOptions {
  readonly threadId: ThreadId;
  readonly outbox: Outbox;
  /** The number before the first notification. */
  readonly base: number;
  /** Shared by all threads; absent: the ring's own limits alone. */
  readonly room?: RingRoom | undefined;
  /** The number of subscribers has changed. */
  readonly onAudience: () => void;
  /** Wraps `ask`, to limit how long it waits (unanswered.ts). */
  readonly wrapAsk: (ask: ThreadEvents['ask']) => ThreadEvents['ask'];
}

/** Events with the methods for their owner. */
export interface OwnedEvents extends ThreadEvents {
  readonly ring: EventRing;
  /** The number of open questions. */
  readonly questions: number;
  /** Settles open questions without an answer. */
  closeQuestions(): void;
  /** Removes all subscribers. */
  close(): void;
}

interface Subscriber {
  /** Notifications that wait for the answer of the request that joined, or for the age of one. */
  readonly held: HeldMessages;
  readonly lateListener: LateListener;
  /** The client did not read for a while: bulk output does not wait for it. */
  lags: boolean;
  stop(): void;
}

export function createThreadEvents(options: ThreadEventsOptions): OwnedEvents {
  const { threadId, outbox, base, room = createRingRoom(), onAudience } = options;
  const subscribers = new Map<Caller, Subscriber>();
  const ring = createEventRing(base, { room });
  let sequence = base;

  const sendTo = (caller: Caller, send: () => void): void => {
    const subscriber = subscribers.get(caller);
    if (subscriber) subscriber.held.send(send);
    else send();
  };
  const holds = (): boolean => {
    for (const { held } of subscribers.values()) if (held.holding) return true;
    return false;
  };
  const deliver = (callers: Iterable<Caller>, notification: EncodedNotification): void => {
    if (!holds()) return outbox.deliver(callers, notification);
    for (const caller of callers) sendTo(caller, () => outbox.deliver([caller], notification));
  };
  const entryOf = <M extends ServerNotificationMethod>(
    method: M,
    params: NotificationParams<M>,
    alsoSentTo: RingEntry['alsoSentTo'],
  ): RingEntry => {
    sequence++;
    // Without a spread: in Node 20 each object that has one before other keys gets a hidden class of its own, and the
    // ring keeps thousands of these entries.
    const { method: name, message } = outbox.encode(method, params, sequence);
    const entry: RingEntry = { method: name, message, sequence, alsoSentTo };
    ring.add(entry);
    return entry;
  };
  const questions = createQuestions({
    threadId,
    everyones: outbox.questions,
    nextRequestId: () => outbox.nextRequestId(),
    audience: () => subscribers.keys(),
    send: sendTo,
    notifyResolved(requestId, only) {
      const params = { threadId, requestId };
      if (only) outbox.multicast(only, 'serverRequest/resolved', params);
      else notify('serverRequest/resolved', params);
    },
  });

  const notify: ThreadEvents['notify'] = (method, params) => {
    const entry = entryOf(method, params, null);
    if (method === 'turn/completed') for (const { lateListener } of subscribers.values()) lateListener.ending();
    deliver(interested(subscribers.keys(), method), entry);
  };
  const announce: ThreadEvents['announce'] = (method, params) => {
    const callers = interested(outbox.callers(), method);
    const alsoSentTo = new Set([...callers].map(({ connectionId }) => connectionId));
    deliver(callers, entryOf(method, params, alsoSentTo));
  };

  const add = (caller: Caller): Subscriber | null => {
    if (caller.closed.aborted || subscribers.has(caller)) return null;
    const leave = (): void => void unsubscribe(caller);
    caller.closed.addEventListener('abort', leave, { once: true });
    const held = createHeldMessages();
    const subscriber: Subscriber = {
      held,
      lateListener: createLateListener(caller.client, () => held.hold()),
      lags: false,
      stop: () => caller.closed.removeEventListener('abort', leave),
    };
    subscribers.set(caller, subscriber);
    return subscriber;
  };
  const unsubscribe = (caller: Caller): boolean => {
    const subscriber = subscribers.get(caller);
    if (!subscriber) return false;
    end(subscriber);
    subscribers.delete(caller);
    questions.left(caller);
    onAudience();
    return true;
  };
  const end = ({ lateListener, held, stop }: Subscriber): void => {
    lateListener.release();
    held.drop();
    stop();
  };
  const replay: ThreadEvents['replay'] = (caller, after) => {
    const missed = ring.after(after);
    if (!missed) return false;
    for (const entry of missed) {
      if (entry.alsoSentTo?.has(caller.connectionId) || !isInterested(caller, entry.method)) continue;
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
      const release = subscribers.get(caller)?.held.hold();
      if (release) context.afterAnswer(release);
      const caughtUp = afterSequence === null ? null : replay(caller, afterSequence);
      questions.joined(caller);
      if (added) onAudience();
      return { sequence, caughtUp };
    },
    turnAnswered: (caller) => subscribers.get(caller)?.lateListener.answered(),
    drained: () => untilDrained(subscribers),
    ask: options.wrapAsk((method, params, signal) => {
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
      for (const subscriber of subscribers.values()) end(subscriber);
      subscribers.clear();
      ring.close();
    },
  };
}

/** Notifications for connections with `experimentalApi` only (docs/protocol/transport.md §2). */
const EXPERIMENTAL: ReadonlySet<string> = new Set(['thread/readState/changed']);
const isInterested = (caller: Caller, method: string): boolean => caller.experimentalApi || !EXPERIMENTAL.has(method);
const interested = (callers: Iterable<Caller>, method: string): Iterable<Caller> =>
  EXPERIMENTAL.has(method) ? [...callers].filter((caller) => caller.experimentalApi) : callers;

/**
 * How long bulk output waits for a client that does not read, in milliseconds: longer than the pauses of a busy client.
 * After that, output does not wait for this client until it has read everything. Its own outbox closes the connection
 * if too much waits in it.
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
