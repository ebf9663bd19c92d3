/**
 * Schedules name lookups.
 *
 * Threat: a system lookup blocks one of the process's few lookup threads while a name server does not answer. A command
 * with many such names would make the lookups of all other commands, and of the model, fail.
 * Rule: commands together use fewer threads than exist; one command uses one, one owner two. Waiting owners take turns.
 * A lookup's time limit runs from its real start. Its slot becomes free only when the system has answered, however
 * late.
 * Scope: order and time.
 * Non-scope: the answers (resolve.ts).
 */

/** Looks a canonical name up. Rejects when there is no answer. */
export type Lookup = (name: string) => Promise<readonly string[]>;

/** The lookups of one command, with the name of its owner. */
export interface LookupClient {
  /** Rejects with the lookup's error, at the time limit, and when `gone` aborts before the lookup begins. */
  look(name: string): Promise<readonly string[]>;
}

export interface LookupQueue {
  client(owner: string, gone: AbortSignal): LookupClient;
}

export interface LookupQueueOptions {
  readonly lookup: Lookup;
  /** Milliseconds that a lookup may take from its start. */
  readonly timeoutMs: number;
  /** Concurrent lookups of all commands. */
  readonly total?: number;
}

/**
 * libuv gives lookups half of its threads (UV_THREADPOOL_SIZE, 4 by default). One stays free for the daemon's own
 * lookups of the model's host.
 */
export function lookupsAtOnce(threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? '')): number {
  const size = Number.isInteger(threads) && threads > 0 ? Math.min(threads, 1024) : 4;
  return Math.max(Math.floor((size + 1) / 2) - 1, 1);
}

/** Concurrent lookups of one owner's commands, when more are possible. */
const PER_OWNER = 2;

interface Waiting {
  readonly name: string;
  readonly owner: Owner;
  readonly command: Command;
  resolve(addresses: readonly string[]): void;
  reject(error: unknown): void;
}

/** One command, with at most one running lookup. */
interface Command {
  busy: boolean;
}

interface Owner {
  readonly name: string;
  readonly waiting: Waiting[];
  busy: number;
}

export function createLookupQueue({ lookup, timeoutMs, total = lookupsAtOnce() }: LookupQueueOptions): LookupQueue {
  /** Owners with waiting lookups, in the order of their turns. */
  const ring: Owner[] = [];
  /** Owners with waiting or running lookups. */
  const owners = new Map<string, Owner>();
  let busy = 0;

  const start = ({ name, owner, command, resolve, reject }: Waiting): void => {
    busy++;
    command.busy = true;
    owner.busy++;
    const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    void lookup(name)
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
        busy--;
        command.busy = false;
        owner.busy--;
        forget(owner);
        serve();
      });
  };

  /** Starts the lookups that may start: one owner after the other, until none can start. */
  const serve = (): void => {
    for (let passedOver = 0; busy < total && passedOver < ring.length;) {
      const owner = ring.shift();
      if (owner === undefined) return;
      const index = owner.busy < PER_OWNER ? owner.waiting.findIndex(({ command }) => !command.busy) : -1;
      const [next] = index < 0 ? [] : owner.waiting.splice(index, 1);
      if (owner.waiting.length > 0) ring.push(owner);
      if (next === undefined) passedOver++;
      else {
        passedOver = 0;
        start(next);
      }
    }
  };

  const forget = (owner: Owner): void => {
    if (owner.busy === 0 && owner.waiting.length === 0) owners.delete(owner.name);
  };

  const enqueue = (waiting: Waiting): void => {
    const { owner } = waiting;
    owner.waiting.push(waiting);
    if (owner.waiting.length === 1) ring.push(owner);
    serve();
  };

  /** Removes a lookup that has not begun. Returns false when it has begun. */
  const withdraw = (waiting: Waiting): boolean => {
    const { owner } = waiting;
    const index = owner.waiting.indexOf(waiting);
    if (index < 0) return false;
    owner.waiting.splice(index, 1);
    if (owner.waiting.length === 0) ring.splice(ring.indexOf(owner), 1);
    forget(owner);
    return true;
  };

  const ownerOf = (name: string): Owner => {
    const owner = owners.get(name) ?? { name, waiting: [], busy: 0 };
    owners.set(name, owner);
    return owner;
  };

  return {
    client(ownerName, gone) {
      const command: Command = { busy: false };
      /** Lookups without an answer. They share one listener: Node warns of a leak from eleven on. */
      const unanswered = new Set<Waiting>();
      const ended = new Error('the command has ended');
      const withdrawAll = (): void => {
        for (const waiting of unanswered) if (withdraw(waiting)) waiting.reject(ended);
      };
      gone.addEventListener('abort', withdrawAll, { once: true });
      return {
        look: (name) =>
          new Promise((resolve, reject) => {
            if (gone.aborted) return reject(ended);
            const waiting: Waiting = {
              name,
              owner: ownerOf(ownerName),
              command,
              resolve: (addresses) => (unanswered.delete(waiting), resolve(addresses)),
              reject: (error) => (unanswered.delete(waiting), reject(error)),
            };
            unanswered.add(waiting);
            enqueue(waiting);
          }),
      };
    },
  };
}
