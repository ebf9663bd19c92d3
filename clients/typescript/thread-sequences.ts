/**
 * Records the last sequence number that this client received from each thread (docs/protocol-extensions.md, "Sequence
 * numbers"). After a lost connection the client requests only the notifications that it missed.
 *
 * A number counts only while the client is subscribed. On a new connection, notifications for all clients can come
 * before the response to thread/resume. Counting their numbers would skip the notifications between.
 */
export class ThreadSequences {
  readonly #subscribed = new Set<string>();
  readonly #last = new Map<string, number>();

  /** The sequence number of the last notification of a thread while subscribed. Null: no such notification came. */
  last(threadId: string): number | null {
    return this.#last.get(threadId) ?? null;
  }

  /** Records the result of a request. Call it before you handle the messages that follow the response. */
  answered(method: string, params: unknown, result: unknown): void {
    if (method === 'thread/unsubscribe') this.#subscribed.delete(String((params as WithThreadId).threadId));
    if (!SUBSCRIBING.has(method)) return;
    const { thread, sequence, caughtUp } = result as SubscribingResult;
    if (typeof thread?.id !== 'string') return;
    this.#subscribed.add(thread.id);
    // With `caughtUp` the missed notifications follow and continue the old numbers. Otherwise the result is the new
    // start.
    if (caughtUp === true) return;
    if (typeof sequence === 'number') this.#last.set(thread.id, sequence);
    else this.#last.delete(thread.id);
  }

  notified(method: string, params: unknown, sequence: number | null): void {
    const { threadId = (params as SubscribingResult | null)?.thread?.id } = (params ?? {}) as WithThreadId;
    if (threadId === undefined) return;
    if (sequence !== null && this.#subscribed.has(threadId)) this.#last.set(threadId, sequence);
    if (ENDING.has(method)) {
      this.#subscribed.delete(threadId);
      this.#last.delete(threadId);
    }
  }

  /** The server forgets subscriptions when a connection ends. */
  connectionLost(): void {
    this.#subscribed.clear();
  }
}

interface WithThreadId {
  readonly threadId?: string;
}
interface SubscribingResult {
  readonly thread?: { readonly id?: string };
  readonly sequence?: number;
  readonly caughtUp?: boolean;
}

const SUBSCRIBING: ReadonlySet<string> = new Set(['thread/start', 'thread/resume', 'thread/fork']);
/** After these methods the numbers of a thread start again. */
const ENDING: ReadonlySet<string> = new Set(['thread/closed', 'thread/archived', 'thread/deleted']);
