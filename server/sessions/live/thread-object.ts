/**
 * Builds the protocol's `Thread` from the file, the catalog's facts, and the loaded thread (docs/protocol/threads.md
 * §2).
 */
import type { GitInfo, SessionSource, SubAgentSource, Thread } from '../../../schema/protocol/threads/thread.js';
import type { CatalogRow, ThreadFacts } from '../catalog/thread-catalog.js';
import type { CatalogDeps } from './catalog-deps.js';
import type { LiveThread } from './live-thread.js';
import type { SessionMeta } from '../store/records/rollout-record.js';
import { withDrive } from '../../system/files/paths.js';
import { sessionSource } from '../catalog/session-source.js';

/** The known facts about a thread, loaded or not. Times are milliseconds since the epoch. */
export interface KnownThread {
  readonly meta: SessionMeta;
  /** The path that clients see; null for an ephemeral thread. */
  readonly path: string | null;
  readonly preview: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** The time of the last turn; absent: `updatedAtMs`. */
  readonly recencyAtMs?: number;
  readonly facts: ThreadFacts;
  /** The last used value, if known. The settings of a loaded thread have precedence. */
  readonly model?: string | null;
  readonly effort?: string | null;
}

/**
 * A thread in the protocol's form, with empty `turns`. `live`: null if it is not loaded here. `defaultProvider`: the
 * configured provider, for files that name none (docs/protocol/threads.md §12.2).
 */
export function threadObject(known: KnownThread, live: LiveThread | null, defaultProvider: string): Thread {
  const { meta, facts } = known;
  const wire = live?.state.wire;
  const source = sessionSource(meta.source);
  const spawned = spawnOf(source);
  return {
    id: meta.id,
    environments: live === null ? null : environmentsOf(live),
    extra: null,
    sessionId: meta.id,
    forkedFromId: meta.forked_from_id ?? null,
    attachedToThreadId: null,
    parentThreadId: spawned?.parent_thread_id ?? null,
    preview: facts.preview ?? known.preview,
    ephemeral: live?.ephemeral ?? false,
    section: facts.section,
    sectionEnteredAt: facts.sectionEnteredAt,
    projectId: facts.projectId,
    historyMode: meta.history_mode ?? 'legacy',
    modelProvider: wire?.modelProvider ?? meta.model_provider ?? defaultProvider,
    model: wire?.model ?? known.model ?? null,
    reasoningEffort: wire === undefined ? (known.effort ?? null) : (wire.effort ?? null),
    createdAt: seconds(known.createdAtMs),
    updatedAt: seconds(known.updatedAtMs),
    recencyAt: seconds(known.recencyAtMs ?? known.updatedAtMs),
    status: live?.status ?? { type: 'notLoaded' },
    path: known.path,
    cwd: wire?.cwd ?? withDrive(meta.cwd),
    cliVersion: meta.cli_version,
    originator: meta.originator,
    source,
    canAcceptDirectInput: live === null ? null : true,
    threadSource: meta.thread_source ?? null,
    agentNickname: spawned?.agent_nickname ?? null,
    agentRole: spawned?.agent_role ?? null,
    gitInfo: facts.gitInfo === undefined ? gitInfoOf(meta) : facts.gitInfo,
    name: facts.name,
    daybreakEnabled: facts.daybreakEnabled,
    turns: [],
  };
}

/** The facts from a row of the catalog. */
export function knownOfRow({ head, facts, model, effort, recencyAtMs }: CatalogRow): KnownThread {
  const { meta, preview, createdAtMs, updatedAtMs } = head;
  return {
    meta,
    path: head.files.path,
    preview,
    createdAtMs,
    updatedAtMs,
    ...(recencyAtMs === undefined ? {} : { recencyAtMs }),
    facts,
    model,
    effort,
  };
}

type ThreadSpawn = Extract<SubAgentSource, { thread_spawn: unknown }>['thread_spawn'];

function spawnOf(source: SessionSource): ThreadSpawn | null {
  if (typeof source !== 'object' || !('subAgent' in source)) return null;
  return typeof source.subAgent === 'object' && 'thread_spawn' in source.subAgent ? source.subAgent.thread_spawn : null;
}

function environmentsOf({ state }: LiveThread): Thread['environments'] {
  const { wire, runtimeWorkspaceRoots } = state;
  return (
    wire.environments ?? [{ environmentId: 'local', cwd: wire.cwd, runtimeWorkspaceRoots: [...runtimeWorkspaceRoots] }]
  );
}

function gitInfoOf({ git }: SessionMeta): GitInfo | null {
  if (git === undefined || git === null) return null;
  return {
    sha: git.commit_hash ?? null,
    branch: git.branch ?? null,
    originUrl: git.repository_url ?? null,
  };
}

const seconds = (ms: number): number => Math.floor(ms / 1000);

/** As lists show it: with its current status, without `canAcceptDirectInput` (docs/protocol/threads.md §2). */
export function listedThread(threads: CatalogDeps['threads'], row: CatalogRow, defaultProvider: string): Thread {
  const live = threads.get(row.head.id);
  return { ...threadObject(knownOfRow(row), live, defaultProvider), canAcceptDirectInput: null };
}
