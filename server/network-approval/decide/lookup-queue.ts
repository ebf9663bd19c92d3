/**
 * Whose turn it is to look a name up.
 *
 * Threat: a lookup by the system blocks one of the few threads that the process has for them, for as long as a name
 * server keeps silent. A command that asks for many such names would get every other command's lookups, and the
 * model's, to fail.
 * Rule: commands together use fewer threads than there are, one command one, one owner two; owners that wait take
 * turns. A lookup's time runs from its real start, and its place is free only when the system has answered, however
 * late.
 * Scope: order and time. Non-scope: the answers (resolve.ts).
 */

/** Looks a canonical name up; rejects when there is no answer. */
export type Lookup = (name: string) => Promise<readonly string[]>;

/** Who asks: one of these a command, with its owner's name. */
export interface LookupClient {
  /**
   * Rejects as the lookup does, when it takes longer than its time, and when `gone` is aborted before its turn comes.
   */
  look(name: string): Promise<readonly string[]>;
}

export interface LookupQueue {
  client(owner: string, gone: AbortSignal): LookupClient;
}

export interface LookupQueueOptions {
  readonly lookup: Lookup;
  /** Milliseconds that a lookup may take from its start. */
  readonly timeoutMs: number;
  /** Lookups of all commands at once. */
  readonly total?: number;
}

/**
 * libuv lets lookups have half of its threads (UV_THREADPOOL_SIZE, 4 unless somebody says otherwise): one stays for the
 * daemon's own, which ask for the model's host.
 */
export function lookupsAtOnce(threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? '')): number {
  const size = Number.isInteger(threads) && threads > 0 ? Math.min(threads, 1024) : 4;
  return Math.max(Math.floor((size + 1) / 2) - 1, 1);
}

/** Lookups of one owner's commands at once, where more are possible. */
const PER_OWNER = 2;

interface Waiting {
  readonly name: string;
  readonly owner: Owner;
  readonly command: Command;
  resolve(addresses: readonly string[]): void;
  reject(error: unknown): void;
}

/** One command: it has at most one lookup under way. */
interface Command {
  busy: boolean;
}

interface Owner {
  readonly name: string;
  readonly waiting: Waiting[];
  busy: number;
}

export function createLookupQueue({ lookup, timeoutMs, total = lookupsAtOnce() }: LookupQueueOptions): LookupQueue {
  /** Those with something that waits, in the order of their turns. */
  const ring: Owner[] = [];
  /** Those with something that waits or is under way. */
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

  /** Starts what may be started: each owner in turn, until all of them have been passed over. */
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

  /** Takes back what has not begun; false: it has. */
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
      /** Those without an answer. One listener for all of them: Node warns of a leak from eleven on. */
      const asked = new Set<Waiting>();
      const ended = new Error('the command has ended');
      const withdrawAll = (): void => {
        for (const waiting of asked) if (withdraw(waiting)) waiting.reject(ended);
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
              resolve: (addresses) => (asked.delete(waiting), resolve(addresses)),
              reject: (error) => (asked.delete(waiting), reject(error)),
            };
            asked.add(waiting);
            enqueue(waiting);
          }),
      };
    },
  };
}
