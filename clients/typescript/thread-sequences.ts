/**
 * How far this client has come in the notifications of its threads (docs/protocol-extensions.md, "Sequence numbers"),
 * so that after a lost connection it can ask for what it missed and nothing else.
 *
 * A number counts only while the client is subscribed. On a new connection announcements to everybody come before
 * thread/resume is answered: counting those would skip what lies between.
 */
export class ThreadSequences {
  readonly #subscribed = new Set<string>();
  readonly #last = new Map<string, number>();

  /** The number of the last notification of a thread that came while subscribed; null when none did. */
  last(threadId: string): number | null {
    return this.#last.get(threadId) ?? null;
  }

  /** A request was answered with a result. Call it before what follows the answer is taken in. */
  answered(method: string, params: unknown, result: unknown): void {
    if (method === 'thread/unsubscribe') this.#subscribed.delete(String((params as WithThreadId).threadId));
    if (!SUBSCRIBING.has(method)) return;
    const { thread, sequence, caughtUp } = result as SubscribingResult;
    if (typeof thread?.id !== 'string') return;
    this.#subscribed.add(thread.id);
    // Caught up, what was missed follows, numbered from where we were. Otherwise the answer is the new beginning.
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

  /** The server forgets subscriptions with the connection. */
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
/** After these a thread's numbers begin anew. */
const ENDING: ReadonlySet<string> = new Set(['thread/closed', 'thread/archived', 'thread/deleted']);
