/**
 * thread/resume (docs/protocol/threads.md §6): a client continues a thread, loaded or not.
 *
 * Rule: the answer and the notifications after it fit together without a gap (live/join.ts). A loaded thread keeps its
 * settings: other parts of the request are ignored. codexd warns the client about them; the reference does not.
 */
import { isDeepStrictEqual } from 'node:util';
import { paths } from '../../../system/files/paths.js';
import type { RequestParams, RequestResult } from '../../../../schema/registry.js';
import type { Turn } from '../../../../schema/protocol/threads/turn.js';
import { toJson } from '../../../config/toml/value.js';
import type { Caller, Handler, RequestContext } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import { startFirst, type QueueDeps } from '../../agenda/thread-queue.js';
import { joinThread, resumeMembers, withLiveTurns } from '../../live/join.js';
import type { LiveThread } from '../../live/live-thread.js';
import { isKnownItem, readHistoryItem } from '../../store/records/history-item.js';
import type { NewRecord, RecordPayload } from '../../store/records/rollout-record.js';
import { createKeptTurns } from '../../store/history/kept-turns.js';
import type { KeptTurns } from '../../store/records/turn-record.js';
import { itemsBackwardsCursor, turnsBackwardsCursor, turnsPage } from '../../store/history/history-pages.js';
import type { ThreadFiles, ThreadHistory } from '../../store/records/thread-store.js';
import { newId, parseThreadId, type ThreadId } from '../../store/records/thread-id.js';
import { newThreadState } from '../../state/build-thread-state.js';
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
  unloadLost,
  type LifecycleDeps,
} from './lifecycle-common.js';
import { loadThread } from './load-thread.js';
import { threadAnswer } from './thread-answer.js';
import { requireServers, startServers } from './thread-servers.js';
import { gitOf, newMeta } from './thread-start.js';

type Params = RequestParams<'thread/resume'>;
type Result = RequestResult<'thread/resume'>;

/** Params that a loaded thread ignores. */
const OVERRIDES = [
  'model',
  'modelProvider',
  'serviceTier',
  'cwd',
  'runtimeWorkspaceRoots',
  'approvalPolicy',
  'approvalsReviewer',
  'sandbox',
  'permissions',
  'config',
  'baseInstructions',
  'developerInstructions',
  'personality',
] as const satisfies readonly (keyof Params)[];

/**
 * Order: [`deprecationNotice`], status idle to all if the thread was not loaded; the answer; the notifications that the
 * client missed, if it requested them; token usage; the goal, if there is one; warnings; the turn of a message that
 * waits in the queue. `history` has precedence over `path`, and `path` over `threadId`.
 */
export function threadResumeHandler(deps: LifecycleDeps & QueueDeps): Handler<'thread/resume'> {
  const { threads } = deps;
  return async (params, caller, context) => {
    refuseTwoPolicies(params);
    if (params.history !== null) return resumeHistory(deps, params, params.history, caller, context);
    const { id, files } = await wanted(deps, params);
    return threads.exclusively(id, async () => {
      await unloadLost(threads, id);
      const live = threads.get(id);
      if (live !== null) {
        assertSamePath(deps, live, params.path);
        if (live.writer?.exists !== true) throw noRollout(id);
        return answer(deps, live, params, caller, context, { warnings: ignored(params, live), toCaller: true });
      }
      const known = unarchived(files ?? (await deps.store.find(id)), id);
      const kept = params.excludeTurns ? undefined : createKeptTurns();
      const { loaded, warnings } = await loadThread(deps, known, params, kept);
      if (!params.excludeTurns && loaded.writer?.historyMode === 'paginated') discourageWholeHistories(caller);
      loaded.events.announce('thread/status/changed', { threadId: id, status: loaded.status });
      return answer(deps, loaded, params, caller, context, { warnings, toCaller: false, startQueue: true, kept });
    });
  };
}

/** The requested thread, and its files if a path names them. */
async function wanted(
  { codexHome, store, threads }: LifecycleDeps,
  { threadId, path: asked }: Params,
): Promise<{ readonly id: ThreadId; readonly files: ThreadFiles | null }> {
  if (asked === null || asked === '') return { id: sessionId(threadId), files: null };
  const parsed = parseThreadId(threadId);
  const running = 'id' in parsed ? threads.get(parsed.id) : null;
  if (running !== null) {
    assertSamePath({ codexHome }, running, asked);
    return { id: running.id, files: null };
  }
  const files = await fromStore(() => store.at(asked));
  return { id: files.id, files };
}

function assertSamePath({ codexHome }: Pick<LifecycleDeps, 'codexHome'>, live: LiveThread, asked: string | null): void {
  if (asked === null || asked === '') return;
  const requested = paths.resolve(codexHome, asked);
  const active = live.writer?.path ?? '';
  if (paths.same(requested, active)) return;
  throw invalidRequest(
    `cannot resume running thread ${live.id} with stale path: requested \`${requested}\`, active \`${active}\``,
  );
}

/** A thread that begins with items of the model's history (`history`): they are in its file from the start. */
async function resumeHistory(
  deps: LifecycleDeps & QueueDeps,
  params: Params,
  history: readonly unknown[],
  caller: Caller,
  context: RequestContext,
): Promise<Result> {
  if (history.length === 0) throw invalidRequest('history must not be empty');
  const { source, store, threads } = deps;
  const { state, warnings } = newThreadState(source, params);
  const id = newId();
  const meta = newMeta(id, state, caller, { mode: 'paginated', threadSource: null, source: deps.sessionSource });
  const writer = await fromStore(() => store.create(meta, () => gitOf(meta.cwd)));
  const live = threads.load({ id, meta, state, writer, how: 'started' });
  await requireServers(threads, live);
  const items = history.flatMap((item) => readHistoryItem(item) ?? []).filter(isKnownItem);
  live.record(items.map((payload): NewRecord => ({ type: 'response_item', payload })));
  live.events.announce('thread/status/changed', { threadId: id, status: live.status });
  const result = await answer(deps, live, params, caller, context, { warnings, toCaller: false });
  return { ...result, thread: { ...result.thread, preview: result.thread.preview || firstText(items) } };
}

function firstText(items: readonly RecordPayload[]): string {
  const message = items.find(({ type, role }) => type === 'message' && role === 'user');
  const parts = Array.isArray(message?.content) ? (message.content as readonly { readonly text?: unknown }[]) : [];
  return parts.flatMap(({ text }) => (typeof text === 'string' ? [text] : [])).join('\n');
}

interface Told {
  readonly warnings: readonly string[];
  /** Only for the client that resumed; the others did not ask. */
  readonly toCaller: boolean;
  /** The thread was loaded for it: what waits in its queue begins, unless the latest turn was interrupted. */
  readonly startQueue?: boolean;
  /** What was kept of the thread's turns when it was loaded. */
  readonly kept?: KeptTurns | undefined;
}

async function answer(
  deps: LifecycleDeps & QueueDeps,
  live: LiveThread,
  params: Params,
  caller: Caller,
  context: RequestContext,
  { warnings, toCaller, startQueue = false, kept }: Told,
): Promise<Result> {
  const { store, catalog, codexHome } = deps;
  const { id } = live;
  const facts = await catalog.facts(id);
  const thread = await loadedThread(deps, live, facts);
  const { answer: common, warnings: left } = threadAnswer(thread, live.state, codexHome);
  const paginated = live.writer?.historyMode === 'paginated';
  if (toCaller && paginated && !params.excludeTurns) discourageWholeHistories(caller);
  const joined = await joinThread(live, {
    caller,
    context,
    afterSequence: params.afterSequence,
    read: () =>
      fromStore(async () => {
        const files = await filesOf(store, id, live);
        if (files === null) throw noRollout(id);
        return snapshot(id, await store.history(files), params, kept);
      }),
  });
  // No await may follow until the end: see joinThread.
  const { history, read, page, cursors } = joined.history;
  const fresh = [...joined.ended, joined.running];
  const { wire } = live.state;
  const usage = live.tokenUsage;
  const lastTurn = fresh.findLast((turn) => turn !== null)?.id ?? history.last?.id ?? '';
  context.afterAnswer(() => {
    if (usage !== null) {
      caller.notify('thread/tokenUsage/updated', { threadId: id, turnId: lastTurn, tokenUsage: usage });
    }
    if (facts.goal !== null) {
      live.events.announce('thread/goal/updated', { threadId: id, turnId: null, goal: facts.goal });
    }
    startServers(live);
    if (toCaller) for (const message of warnings) caller.notify('warning', { threadId: id, message });
    else warn(live, [...warnings, ...left]);
    if (startQueue && history.last?.status !== 'interrupted') startFirst(deps, live, caller.client);
  });
  for (const turn of fresh) if (turn !== null) read?.put(turn);
  const result: Result = {
    ...common,
    thread: { ...thread, status: live.status, turns: [] },
    collaborationMode: wire.collaborationMode,
    initialTurnsPage: page === null ? null : withFresh(page, fresh, params),
    turnsBackwardsCursor: cursors.turns,
    itemsBackwardsCursor: cursors.items,
    ...resumeMembers(joined),
  };
  return read === null ? result : read.into(result);
}

/** The parts of a history for one answer. */
async function snapshot(
  id: ThreadId,
  history: ThreadHistory,
  { excludeTurns, initialTurnsPage }: Params,
  kept: KeptTurns = createKeptTurns(),
) {
  const read = excludeTurns ? null : await history.writtenTurns(kept);
  const page = initialTurnsPage === null ? null : await turnsPage(id, history, initialTurnsPage);
  const [last] = await history.turns(history.turnCount - 1, history.turnCount, 'notLoaded');
  return {
    history: { last },
    read,
    page,
    cursors: { turns: turnsBackwardsCursor(id, history), items: await itemsBackwardsCursor(id, history) },
  };
}

type Page = NonNullable<Result['initialTurnsPage']>;

/** A page in which newer states replace some of its turns; a newer turn comes first. */
function withFresh(page: Page, fresh: readonly (Turn | null)[], { initialTurnsPage }: Params): Page {
  const view = initialTurnsPage?.itemsView ?? 'summary';
  const inPage = (turn: Turn | null): boolean => page.data.some(({ id }) => id === turn?.id);
  const known = withLiveTurns(page.data, fresh.filter(inPage), view);
  if (initialTurnsPage?.sortDirection === 'asc') return { ...page, data: known };
  const newer = withLiveTurns(
    [],
    fresh.filter((turn) => !inPage(turn)),
    view,
  );
  return { ...page, data: [...newer.reverse(), ...known] };
}

/**
 * One sentence with the parameters that a loaded thread ignores. A parameter that equals the thread's value is not
 * mentioned.
 */
function ignored(params: Params, { id, state }: LiveThread): string[] {
  const own: Readonly<Record<string, unknown>> = {
    ...state.wire,
    config: withoutAbsent(toJson(state.own), params.config),
  };
  const named = OVERRIDES.filter((key) => {
    const asked = params[key];
    return asked !== null && asked !== undefined && !isDeepStrictEqual(plain(asked), plain(own[key]));
  });
  if (named.length === 0) return [];
  return [
    `Thread ${id} is loaded and goes on with its own settings; not taken over: ${named.join(', ')}. Use \`thread/settings/update\` to change them.`,
  ];
}

/** Without prototypes and absent members, in which equal values may differ. */
const plain = (value: unknown): unknown => (value === undefined ? null : JSON.parse(JSON.stringify(value)));

/** The part of the thread's own configuration that the request mentions. */
function withoutAbsent(own: unknown, asked: Params['config']): unknown {
  const known = own as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.keys(asked ?? {}).map((key) => [key, known[key]]));
}
