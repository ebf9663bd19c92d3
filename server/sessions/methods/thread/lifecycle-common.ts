/** Helpers that the methods share which start, resume, fork, move and end threads. */
import type { Thread } from '../../../../schema/protocol/threads/thread.js';
import type { ConfigService } from '../../../config/settings/config-service.js';
import type { Supervisor } from '../../../exec/supervisor.js';
import type { Logger } from '../../../log/log.js';
import type { Caller } from '../../../rpc/connection/caller.js';
import { invalidRequest, RpcError } from '../../../errors/rpc-error.js';
import type { Catalog } from '../../catalog/catalog.js';
import type { ThreadFacts } from '../../catalog/thread-catalog.js';
import type { LiveThread } from '../../live/live-thread.js';
import type { LiveThreads } from '../../live/live-threads.js';
import type { Outbox } from '../../live/outbox.js';
import { isObject } from '../../../system/node/objects.js';
import { DEFAULT_PROVIDER } from '../../state/state-parts.js';
import type { SessionMeta } from '../../store/records/rollout-record.js';
import { type ThreadFiles, type ThreadStore, isStoreError } from '../../store/records/thread-store.js';
import { parseThreadId, type ThreadId } from '../../store/records/thread-id.js';
import { createKeptTurns } from '../../store/history/kept-turns.js';
import type { WrittenTurns } from '../../store/records/turn-record.js';
import { knownOfRow, threadObject } from '../../live/thread-object.js';

export interface LifecycleDeps {
  readonly codexHome: string;
  readonly source: ConfigService;
  readonly store: ThreadStore;
  readonly catalog: Catalog;
  readonly threads: LiveThreads;
  readonly outbox: Outbox;
  /** Starts commands. */
  readonly supervisor: () => Promise<Pick<Supervisor, 'start' | 'warm'>>;
  /** The source of new threads, in the words of rollout files: `vscode`, `exec` … */
  readonly sessionSource: string;
  /** The daemon's environment. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly log: Logger;
}

/** An id with the error text of resume, fork, archive and unarchive (docs/protocol/threads.md §1). Throws RpcError. */
export function sessionId(text: string): ThreadId {
  const parsed = parseThreadId(text);
  if ('problem' in parsed) throw invalidRequest(`invalid session id: ${parsed.problem}`);
  return parsed.id;
}

export const noRollout = (id: ThreadId): RpcError => invalidRequest(`no rollout found for thread id ${id}`);

/** Runs work of the store; its errors become the answer (docs/protocol/threads.md §6 to §8, §12.3). */
export async function fromStore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isStoreError(error) ? new RpcError(error.code, error.message, { cause: error }) : error;
  }
}

/** The files of a thread that can continue: an archived thread is refused. Throws RpcError. */
export function unarchived(files: ThreadFiles | null, id: ThreadId): ThreadFiles {
  if (files === null) throw noRollout(id);
  if (!files.archived) return files;
  throw invalidRequest(`session ${files.id} is archived. Run \`codex unarchive ${files.id}\` to unarchive it first.`);
}

/** The facts of a new thread. */
export const NO_FACTS: ThreadFacts = {
  name: null,
  goal: null,
  section: null,
  sectionEnteredAt: null,
  memoryMode: null,
  gitInfo: undefined,
  daybreakEnabled: null,
  projectId: null,
  readState: { firstUnread: null, revision: '' },
};

/**
 * The files of a thread. For a loaded thread, the files that it writes, which may be in any folder
 * (docs/protocol/threads.md §6, by path). Null: nothing of it is on disk.
 */
export async function filesOf(
  store: Pick<ThreadStore, 'find' | 'at'>,
  id: ThreadId,
  live: LiveThread | null,
): Promise<ThreadFiles | null> {
  if (live === null) return store.find(id);
  const { writer } = live;
  return writer?.exists === true ? fromStore(() => store.at(writer.path)) : null;
}

/** A loaded thread in the protocol's form, with empty `turns`. `facts`: null: the catalog's facts. */
export async function loadedThread(
  { store, catalog }: Pick<LifecycleDeps, 'store' | 'catalog'>,
  live: LiveThread,
  facts: ThreadFacts | null = null,
): Promise<Thread> {
  const { meta, writer, state } = live;
  const files = await filesOf(store, live.id, live);
  const head = files === null ? null : await fromStore(() => store.head(files));
  const createdAtMs = Date.parse(meta.timestamp);
  const { preview, name, projectId } = inheritedOf(meta);
  const known = {
    meta: head?.meta ?? meta,
    path: writer?.path ?? null,
    preview: head?.preview ?? preview,
    createdAtMs: head?.createdAtMs ?? createdAtMs,
    updatedAtMs: head?.updatedAtMs ?? createdAtMs,
    facts: facts ?? (live.ephemeral ? { ...NO_FACTS, name, projectId } : await catalog.facts(live.id)),
  };
  return threadObject(known, live, state.wire.modelProvider);
}

/** A thread that is not loaded, in the protocol's form with empty `turns`; null: it has no file. Throws RpcError. */
export async function storedThread(
  { catalog, source }: Pick<LifecycleDeps, 'catalog' | 'source'>,
  id: ThreadId,
): Promise<Thread | null> {
  const row = await fromStore(() => catalog.row(id));
  return row === null ? null : threadObject(knownOfRow(row), null, defaultProvider(source));
}

/** The configured provider of the daemon's own folder. */
export function defaultProvider(source: ConfigService): string {
  const { model_provider: configured } = source.resolve(source.sources.cwd).effective.table;
  return typeof configured === 'string' ? configured : DEFAULT_PROVIDER;
}

/** What an ephemeral fork has of its source (docs/protocol/threads.md §7). It has no file and no facts for it. */
export interface Inherited {
  readonly preview: string;
  readonly name: string | null;
  readonly projectId: string | null;
}

const INHERITED = 'inherited';
export const withInherited = (meta: SessionMeta, inherited: Inherited): SessionMeta => ({
  ...meta,
  [INHERITED]: inherited,
});
function inheritedOf(meta: SessionMeta): Inherited {
  const given = meta[INHERITED];
  const text = (member: string): string | null => {
    const value = isObject(given) ? given[member] : null;
    return typeof value === 'string' ? value : null;
  };
  return { preview: text('preview') ?? '', name: text('name'), projectId: text('projectId') };
}

/** Sends the notice before answers that contain all turns of a paginated thread (docs/protocol/threads.md §5). */
export function discourageWholeHistories(caller: Caller): void {
  caller.notify('deprecationNotice', {
    summary:
      'Whole histories of paginated threads are deprecated: pass `excludeTurns: true` and page with `thread/turns/list` and `thread/items/list`.',
    details: null,
  });
}

/** Sends a thread's warnings to its subscribers. */
export function warn(live: LiveThread, warnings: readonly string[]): void {
  for (const message of warnings) live.events.notify('warning', { threadId: live.id, message });
}

/**
 * Unloads a loaded thread whose file another program removed, replaced or truncated: the current file counts. Call it
 * within `exclusively`. Returns whether it unloaded the thread.
 */
export async function unloadLost(threads: Pick<LiveThreads, 'get' | 'unload'>, id: ThreadId): Promise<boolean> {
  const lost = threads.get(id)?.writer?.lost ?? null;
  if (lost !== null) await threads.unload(id, { closed: true });
  return lost !== null;
}

/** All turns of a thread as JSON: as objects, a long history would need a multiple of the memory. */
export async function wholeHistory(store: ThreadStore, files: ThreadFiles): Promise<WrittenTurns> {
  const kept = createKeptTurns();
  return (await store.history(files, kept)).writtenTurns(kept);
}
