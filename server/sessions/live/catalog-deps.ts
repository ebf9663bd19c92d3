/** Helpers that the methods of the catalog share. */
import { type Code } from '../../errors/codes.js';
import type { NotificationParams, ServerNotificationMethod } from '../../../schema/registry.js';
import { RpcError, invalidRequest } from '../../errors/rpc-error.js';
import type { Catalog } from '../catalog/catalog.js';
import type { LiveThread } from './live-thread.js';
import type { LiveThreads } from './live-threads.js';
import type { Outbox } from './outbox.js';
import type { ThreadFiles, ThreadStore } from '../store/records/thread-store.js';
import { parseThreadId, type ThreadId } from '../store/records/thread-id.js';

export interface CatalogDeps {
  readonly catalog: Catalog;
  readonly store: Pick<ThreadStore, 'find' | 'head'>;
  readonly threads: Pick<LiveThreads, 'get'>;
  readonly outbox: Pick<Outbox, 'broadcast'>;
  /** The configured model provider. */
  readonly defaultProvider: () => string;
}

/** The thread that a request names: loaded, on disk, or both. */
export interface NamedThread {
  readonly id: ThreadId;
  readonly live: LiveThread | null;
  /** Null for a thread without content, and for an ephemeral thread. */
  readonly files: ThreadFiles | null;
}

/** Throws RpcError with `code`, which depends on the method (docs/protocol/threads.md §1). */
export function parseId(text: string, code: Code = 'request.invalid', called = 'thread'): ThreadId {
  const parsed = parseThreadId(text);
  if ('problem' in parsed) throw new RpcError(code, `invalid ${called} id: ${parsed.problem}`);
  return parsed.id;
}

/** Null: there is no such thread. */
export async function findThread({ store, threads }: CatalogDeps, id: ThreadId): Promise<NamedThread | null> {
  const live = threads.get(id);
  const files = live?.ephemeral === true ? null : await store.find(id);
  return live === null && files === null ? null : { id, live, files };
}

export const notFound = (id: ThreadId, code: Code = 'request.invalid'): RpcError =>
  new RpcError(code, `thread not found: ${id}`);
export const noRolloutFor = (id: ThreadId): RpcError => invalidRequest(`no rollout found for thread id ${id}`);

/** Throws RpcError for a thread that is not stored. `what` completes `ephemeral thread does not support …`. */
export function refuseEphemeral({ id, live }: NamedThread, what: string): void {
  if (live?.ephemeral === true) throw invalidRequest(`ephemeral thread does not support ${what}: ${id}`);
}

/**
 * Notifies every connection. If the thread is loaded, the notification is part of its sequence (live/live-thread.ts).
 */
export function announce<M extends ServerNotificationMethod>(
  { threads, outbox }: CatalogDeps,
  id: ThreadId,
  method: M,
  params: NotificationParams<M>,
): void {
  const live = threads.get(id);
  if (live === null) outbox.broadcast(method, params);
  else live.events.announce(method, params);
}

/** The page size of these lists: 25 by default, at least 1, at most 100 (docs/protocol/threads.md §4). */
export const pageSize = (limit: number | null): number => Math.min(100, Math.max(1, limit ?? 25));

/** The part of a list from `start`; `last` is null if nothing follows. */
export function pageOf<T>(items: readonly T[], start: number, limit: number): { data: T[]; last: T | null } {
  const data = items.slice(start, start + limit);
  return { data, last: start + limit < items.length ? (data.at(-1) ?? null) : null };
}

/** Whole seconds since the epoch. */
export const nowSeconds = (): number => Math.floor(Date.now() / 1000);
