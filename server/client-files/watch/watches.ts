/**
 * fs/watch, fs/unwatch and fs/changed (docs/protocol/services.md §1).
 *
 * Threat: a client makes watches without end, or does not read its notifications.
 * Rule: watches are bounded for a connection and for the daemon. Paths that wait for a notification are bounded for a
 * watch: beyond the limit the watched path stands for all. Notifications wait while the client does not read. A watch
 * ends with its connection.
 */
import { describe } from '../../errors/describe.js';
import { osCode } from '../../errors/os-code.js';
import { internalError, invalidRequest } from '../../errors/rpc-error.js';
import type { Logger } from '../../log/log.js';
import type { Caller } from '../../rpc/connection/caller.js';
import { createFolderWatches } from './folder-watches.js';
import { watchPath, type PathWatch } from './path-watch.js';

export interface WatchLimits {
  readonly perConnection: number;
  readonly perDaemon: number;
  /** That wait for the next notification of one watch. */
  readonly paths: number;
}
export const WATCH_LIMITS: WatchLimits = { perConnection: 4096, perDaemon: 16_384, paths: 4096 };

/** From the first change to its notification, in milliseconds. */
const COLLECT_MS = 200;

export interface Watches {
  /** Changes from now on are reported. Throws RpcError, and what the file system throws. */
  add(id: string, place: string, caller: Caller): Promise<void>;
  /** An unknown id is fine. */
  remove(id: string, caller: Caller): void;
  /** Of all connections, and the operating system's watches for them. */
  count(): { readonly watches: number; readonly folders: number };
}

interface ClientWatch {
  readonly end: () => void;
}

export function createWatches({ log, limits = WATCH_LIMITS }: { log: Logger; limits?: WatchLimits }): Watches {
  const folders = createFolderWatches();
  const connections = new Map<number, Map<string, ClientWatch>>();
  let total = 0;

  const watchesOf = ({ connectionId, closed }: Caller): Map<string, ClientWatch> => {
    const known = connections.get(connectionId);
    if (known !== undefined) return known;
    const made = new Map<string, ClientWatch>();
    connections.set(connectionId, made);
    const endAll = (): void => {
      connections.delete(connectionId);
      [...made.values()].forEach(({ end }) => end());
    };
    closed.addEventListener('abort', endAll, { once: true });
    return made;
  };

  return {
    async add(id, place, caller) {
      caller.closed.throwIfAborted();
      const mine = watchesOf(caller);
      if (mine.has(id)) throw invalidRequest(`watchId already exists: ${id}`);
      if (mine.size >= limits.perConnection) {
        throw invalidRequest(
          `fs/watch: this connection has ${limits.perConnection} watches, and no more are possible; end some with fs/unwatch`,
        );
      }
      if (total >= limits.perDaemon) {
        throw internalError(
          `fs/watch: all clients together have ${limits.perDaemon} watches, and no more are possible; end some with fs/unwatch`,
        );
      }
      const changes = collect(limits.paths, place, caller, (paths) =>
        caller.notify('fs/changed', { watchId: id, changedPaths: paths }),
      );
      const watch: PathWatch = watchPath({
        place,
        folders,
        onChange: changes.add,
        onTrouble: (error) => log.warn(...describe(`changes of ${place} may be missed`, error)),
      });
      total++;
      const entry: ClientWatch = {
        end() {
          if (!mine.delete(id)) return;
          total--;
          watch.close();
          changes.end();
        },
      };
      mine.set(id, entry);
      try {
        await watch.ready;
      } catch (error) {
        entry.end();
        throw limitOfTheSystem(error, place);
      }
    },
    remove: (id, { connectionId }) => connections.get(connectionId)?.get(id)?.end(),
    count: () => ({ watches: total, folders: folders.count() }),
  };
}

/** Collects paths, and tells them sorted, each once. */
function collect(limit: number, place: string, caller: Caller, tell: (paths: string[]) => void) {
  const paths = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let ended = false;
  let tooMany = false;
  const flush = async (): Promise<void> => {
    await caller.drained();
    timer = null;
    if (ended) return;
    const told = tooMany ? [place] : [...paths].sort();
    paths.clear();
    tooMany = false;
    tell(told);
  };
  return {
    add(changed: readonly string[]): void {
      if (ended || changed.length === 0) return;
      if (!tooMany) for (const one of changed) paths.add(one);
      if (paths.size > limit) {
        tooMany = true;
        paths.clear();
      }
      timer ??= setTimeout(() => void flush(), COLLECT_MS);
    },
    end(): void {
      ended = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** inotify(7): the user's limit of watches, of instances, and the descriptors of this process. */
function limitOfTheSystem(error: unknown, place: string): unknown {
  const code = osCode(error);
  if (code !== 'ENOSPC' && code !== 'EMFILE') return error;
  const limit = code === 'ENOSPC' ? 'fs.inotify.max_user_watches' : 'fs.inotify.max_user_instances or of open files';
  return internalError(
    `fs/watch: the system watches no more for this user, so ${place} is not watched; end watches with fs/unwatch, or raise the limit ${limit}`,
  );
}
