/** Homes with rollouts for the tests of the catalog. */
import fs from 'node:fs';
import path from 'node:path';
import { createCatalog } from '../../../server/sessions/catalog/create-catalog.js';
import type { Catalog } from '../../../server/sessions/catalog/catalog.js';
import { createThreadStore } from '../../../server/sessions/store/create-thread-store.js';
import type { Logger } from '../../../server/log/log.js';
import type { Caller, RequestContext } from '../../../server/rpc/connection/caller.js';
import type { GoalDeps } from '../../../server/sessions/agenda/thread-goal.js';
import type { QueueDeps } from '../../../server/sessions/agenda/thread-queue.js';
import type { ListDeps } from '../../../server/sessions/methods/list.js';

export const log: Logger = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => log,
};

/** The id of the n-th thread; the ids sort by n. */
export const uid = (n: number): string => `0199aaaa-0000-7000-8000-${String(n).padStart(12, '0')}`;

export const DAY = '2025/10/01';
const AT = '2025-10-01T10:00:00.000Z';

export const line = (type: string, payload: object, ordinal?: number): string =>
  JSON.stringify({ timestamp: AT, ...(ordinal === undefined ? {} : { ordinal }), type, payload });
export const meta = (n: number, more: object = {}): string =>
  line('session_meta', {
    id: uid(n),
    timestamp: AT,
    cwd: '/work',
    originator: 'hand',
    cli_version: '0.1.0',
    source: 'vscode',
    model_provider: 'mock',
    ...more,
  });
export const user = (message: string): string => line('event_msg', { type: 'user_message', message });
export const agent = (message: string): string => line('event_msg', { type: 'agent_message', message });

export interface PutOptions {
  readonly day?: string;
  readonly archived?: boolean;
  readonly segment?: string;
  readonly mtimeMs?: number;
}

/** The path of the n-th thread's rollout. */
export function rolloutFile(
  home: string,
  n: number,
  { day = DAY, archived = false, segment }: PutOptions = {},
): string {
  const folder = archived ? path.join(home, 'archived_sessions') : path.join(home, 'sessions', day);
  const second = String(n % 60).padStart(2, '0');
  return path.join(
    folder,
    `rollout-${day.replaceAll('/', '-')}T10-00-${second}-${uid(n)}${segment === undefined ? '' : `_${segment}`}.jsonl`,
  );
}

export function put(home: string, n: number, lines: readonly string[], options: PutOptions = {}): string {
  const file = rolloutFile(home, n, options);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${lines.join('\n')}\n`);
  if (options.mtimeMs !== undefined) fs.utimesSync(file, options.mtimeMs / 1000, options.mtimeMs / 1000);
  return file;
}

export function openCatalog(home: string): Catalog {
  const store = createThreadStore({ codexHome: home, log });
  return createCatalog({ codexHome: home, store, defaultProvider: () => 'mock', log });
}

/** Handlers on a home without loaded threads. `told` collects the notifications to all. */
export function depsOf(
  home: string,
  catalog: Catalog,
): ListDeps & GoalDeps & QueueDeps & { readonly told: unknown[][] } {
  const told: unknown[][] = [];
  return {
    catalog,
    store: createThreadStore({ codexHome: home, log }),
    threads: { get: () => null },
    outbox: { broadcast: (method, params) => void told.push([method, params]) },
    isIdle: () => true,
    defaultProvider: () => 'mock',
    cwd: '/work',
    goalChanged: null,
    startTurn: null,
    told,
  };
}

export const caller = null as unknown as Caller;
/** `afterAnswer` runs its work at once: the tests of server/rpc check the order. */
export const context: RequestContext = { requestId: 1, afterAnswer: (work) => work() };
