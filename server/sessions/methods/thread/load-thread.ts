/** Loads a stored thread: for a client that resumes it, or for a message that waits in its queue. */
import { isDeepStrictEqual } from 'node:util';
import type { RequestParams } from '../../../../schema/registry.js';
import type { Turn } from '../../../../schema/protocol/threads/turn.js';
import type { LiveThread } from '../../live/live-thread.js';
import { settingsRecord } from '../../live/settings-record.js';
import { storedSettingsBefore } from '../../state/stored-state.js';
import { continuedThreadState } from '../../state/build-thread-state.js';
import type { ThreadId } from '../../store/records/thread-id.js';
import type { KeptTurns } from '../../store/records/turn-record.js';
import type { ThreadFiles } from '../../store/records/thread-store.js';
import { fromStore, unarchived, type LifecycleDeps } from './lifecycle-common.js';
import { requireServers } from './thread-servers.js';

export type LoadDeps = Pick<LifecycleDeps, 'source' | 'store' | 'threads' | 'catalog'>;
/** What the request changes of the thread's settings. */
export type LoadChanges = Parameters<typeof continuedThreadState>[1] & Partial<RequestParams<'thread/resume'>>;

/** Loads a thread from its files. What the request changes is written down. `kept`: keeps turns for the answer. */
export async function loadThread(
  { source, store, threads, catalog }: LoadDeps,
  files: ThreadFiles,
  changes: LoadChanges,
  kept?: KeptTurns,
): Promise<{ readonly loaded: LiveThread; readonly warnings: readonly string[] }> {
  const { meta, settings, tokenUsage } = await fromStore(async () => {
    const history = await store.history(files, kept);
    return {
      meta: history.meta,
      settings: await history.settings(),
      tokenUsage: await history.tokenUsage(),
    };
  });
  const before = storedSettingsBefore({ meta, settings });
  const { state, warnings } = continuedThreadState(source, changes, before);
  const unchanged = isDeepStrictEqual(state.wire, continuedThreadState(source, NOTHING, before).state.wire);
  const writer = await fromStore(() => store.open(files));
  try {
    const loaded = threads.load({ id: files.id, meta, state, writer, tokenUsage });
    await requireServers(threads, loaded);
    catalog.touched(files.id);
    if (!unchanged) loaded.record([settingsRecord(files.id, state)]);
    return { loaded, warnings };
  } catch (error) {
    if (threads.get(files.id) === null) await writer.close();
    else await threads.unload(files.id);
    throw error;
  }
}
const NOTHING = {};

/**
 * The thread, loaded now if it was not. `lastStatus`: how its latest turn ended, where it was loaded for this; else
 * null. Nobody is subscribed. Throws RpcError: it is archived, or another program writes it.
 */
export function wokenThread(
  deps: LoadDeps,
  id: ThreadId,
): Promise<{ readonly live: LiveThread; readonly lastStatus: Turn['status'] | null }> {
  const { store, threads } = deps;
  return threads.exclusively(id, async () => {
    const running = threads.get(id);
    if (running !== null) return { live: running, lastStatus: null };
    const files = unarchived(await store.find(id), id);
    const { loaded: live } = await loadThread(deps, files, NOTHING);
    live.events.announce('thread/status/changed', { threadId: id, status: live.status });
    const history = await fromStore(() => store.history(files));
    const [last] = await history.turns(history.turnCount - 1, history.turnCount, 'notLoaded');
    return { live, lastStatus: last?.status ?? null };
  });
}
