/** thread/fork (docs/protocol/threads.md §7): a new thread that begins with another's history. */
import { itemIdOf } from '../../store/records/history-item.js';
import { createKeptTurns } from '../../store/history/kept-turns.js';
import { retention } from '../../store/records/model-history.js';
import type { RequestParams } from '../../../../schema/registry.js';
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import type { LiveThread } from '../../live/live-thread.js';
import { settingsRecord } from '../../live/settings-record.js';
import { turnEndedRecords } from '../../live/turn-records.js';
import type { NewRecord } from '../../store/records/rollout-record.js';
import type { ThreadFiles, ThreadHistory } from '../../store/records/thread-store.js';
import type { WrittenTurns } from '../../store/records/turn-record.js';
import { storedSettingsBefore } from '../../state/stored-state.js';
import { newId, type ThreadId } from '../../store/records/thread-id.js';
import { continuedThreadState, type BuiltState } from '../../state/build-thread-state.js';
import { settingsBefore } from '../../state/requested-settings.js';
import { refuseTwoPolicies } from '../../state/thread-policy.js';
import {
  discourageWholeHistories,
  filesOf,
  fromStore,
  loadedThread,
  noRollout,
  sessionId,
  unarchived,
  warn,
  wholeHistory,
  withInherited,
  type Inherited,
  type LifecycleDeps,
} from './lifecycle-common.js';
import { threadAnswer } from './thread-answer.js';
import { requireServers, startServers } from './thread-servers.js';
import { gitOf, newMeta } from './thread-start.js';

type Params = RequestParams<'thread/fork'>;

/** Order: [`deprecationNotice`]; the answer; token usage; `thread/started` to all; warnings. */
export function threadForkHandler(deps: LifecycleDeps): Handler<'thread/fork'> {
  const { threads, store, catalog, codexHome } = deps;
  return async (params, caller, context) => {
    refuseTwoPolicies(params);
    if (params.beforeTurnId !== null && params.lastTurnId !== null) {
      throw invalidRequest('`beforeTurnId` cannot be combined with `lastTurnId`');
    }
    const { id: sourceId, files: named } = await wanted(deps, params);
    return threads.exclusively(sourceId, async () => {
      const live = threads.get(sourceId);
      if (live !== null && live.writer?.exists !== true) throw noRollout(sourceId);
      const files = unarchived(named ?? (await filesOf(store, sourceId, live)), sourceId);
      const history = await fromStore(() => store.history(files));
      const end = endOf(history, params);
      const paginated = history.historyMode === 'paginated';
      if (params.ephemeral && paginated && !params.excludeTurns) {
        throw invalidRequest('ephemeral paginated thread/fork requires `excludeTurns: true`');
      }
      const { state, warnings } = await stateOf(deps, params, live, history);
      const id = newId();
      const meta = {
        ...newMeta(id, state, caller, {
          mode: history.historyMode,
          threadSource: params.threadSource,
          source: deps.sessionSource,
        }),
        forked_from_id: sourceId,
        ...gitOf(state.wire.cwd),
      };
      const open = await openTurn(history, end, live);
      const tokenUsage = end === null ? await fromStore(() => history.tokenUsage()) : null;
      const kept = params.ephemeral ? await inMemory(deps, sourceId, { files, history, end }) : null;
      const writer = kept === null ? await fromStore(() => store.fork(files, meta, end)) : null;
      const forked = threads.load({
        id,
        meta: kept === null ? meta : withInherited(meta, kept.inherited),
        state,
        writer,
        tokenUsage,
        how: 'forked',
      });
      await requireServers(threads, forked);
      forked.record([...(kept?.records ?? []), ...(open === null ? [] : open), settingsRecord(id, state)]);
      if (kept === null) await catalog.copyFacts(sourceId, id);
      const thread = await loadedThread(deps, forked);
      const turns = params.excludeTurns ? null : await turnsOf(deps, forked, history, end);
      const { answer, warnings: left } = threadAnswer(thread, state, codexHome);
      if (paginated && !params.excludeTurns) discourageWholeHistories(caller);
      forked.events.join(caller, context);
      const lastTurn = await lastTurnId(history, end);
      context.afterAnswer(() => {
        if (tokenUsage !== null && lastTurn !== null) {
          caller.notify('thread/tokenUsage/updated', { threadId: id, turnId: lastTurn, tokenUsage });
        }
        forked.events.announce('thread/started', { thread });
        startServers(forked);
        warn(forked, [...warnings, ...left]);
      });
      return turns === null ? answer : turns.into(answer);
    });
  };
}

async function wanted(
  { store }: LifecycleDeps,
  { threadId, path: asked }: Params,
): Promise<{ readonly id: ThreadId; readonly files: ThreadFiles | null }> {
  if (asked === null || asked === '') return { id: sessionId(threadId), files: null };
  const files = await fromStore(() => store.at(asked));
  return { id: files.id, files };
}

/** Index of the first turn that the fork does not include; null: it includes all turns. Throws RpcError. */
function endOf(history: ThreadHistory, { lastTurnId, beforeTurnId }: Params): number | null {
  const turnId = lastTurnId ?? beforeTurnId;
  if (turnId === null) return null;
  const index = history.indexOfTurn(turnId);
  if (index < 0) throw invalidRequest(`turn not found: ${turnId}`);
  return lastTurnId === null ? index : index + 1;
}

/** The settings of a loaded thread may not be on disk yet, so its own settings count. */
async function stateOf(
  { source }: LifecycleDeps,
  params: Params,
  live: LiveThread | null,
  history: ThreadHistory,
): Promise<BuiltState> {
  if (live !== null) return continuedThreadState(source, params, settingsBefore(live.state), 'forking');
  const settings = await fromStore(() => history.settings());
  return continuedThreadState(source, params, storedSettingsBefore({ meta: history.meta, settings }), 'forking');
}

/**
 * The records that end the last included turn if it has no end yet. In the fork that turn was interrupted, and the
 * model is notified. Null: nothing must be ended.
 */
async function openTurn(
  history: ThreadHistory,
  end: number | null,
  live: LiveThread | null,
): Promise<readonly NewRecord[] | null> {
  const last = (end ?? history.turnCount) - 1;
  const [turn] = last < 0 ? [] : await fromStore(() => history.turns(last, last + 1, 'notLoaded'));
  if (turn === undefined) return null;
  const running = live?.turn?.id === turn.id;
  if (!running && (turn.status !== 'interrupted' || turn.completedAt !== null)) return null;
  const startedAtMs = (turn.startedAt ?? 0) * 1000 || Date.now();
  const times = { turnId: turn.id, rootTurnId: turn.rootTurnId ?? turn.id, startedAtMs };
  return turnEndedRecords(times, { status: 'interrupted' }, null, Date.now());
}

interface InMemory {
  readonly records: readonly NewRecord[];
  readonly inherited: Inherited;
}

/** The source's history in an ephemeral fork, as the model reads it. */
async function inMemory(
  { store, catalog }: LifecycleDeps,
  sourceId: ThreadId,
  { files, history, end }: { files: ThreadFiles; history: ThreadHistory; end: number | null },
): Promise<InMemory> {
  const { items, retained } = await fromStore(() => history.modelHistory(end ?? undefined));
  const { preview } = await fromStore(() => store.head(files));
  const { name, projectId } = await catalog.facts(sourceId);
  return {
    records: items.map((item) => ({
      type: 'response_item',
      payload: item,
      ...(retained.has(itemIdOf(item) ?? '') ? { metadata: retention(true) } : {}),
    })),
    inherited: { preview: end === 0 ? '' : preview, name, projectId },
  };
}

async function turnsOf(
  { store }: LifecycleDeps,
  forked: LiveThread,
  history: ThreadHistory,
  end: number | null,
): Promise<WrittenTurns> {
  return fromStore(async () => {
    const files = await filesOf(store, forked.id, forked);
    if (files === null) return history.writtenTurns(createKeptTurns(), end ?? history.turnCount);
    return wholeHistory(store, files);
  });
}

async function lastTurnId(history: ThreadHistory, end: number | null): Promise<string | null> {
  const count = end ?? history.turnCount;
  if (count === 0) return null;
  const [turn] = await history.turns(count - 1, count, 'notLoaded');
  return turn?.id ?? null;
}
