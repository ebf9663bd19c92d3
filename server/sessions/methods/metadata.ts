/**
 * thread/metadata/update, thread/name/set and thread/readState/update (docs/protocol/threads.md §9): the facts that are
 * stored beside the rollout. The methods also work on threads that are not loaded.
 */
import type { GitInfo, Thread } from '../../../schema/protocol/threads/thread.js';
import type { RequestParams } from '../../../schema/registry.js';
import { invalidRequest } from '../../errors/rpc-error.js';
import type { CatalogRow } from '../catalog/thread-catalog.js';
import {
  announce,
  findThread,
  noRolloutFor,
  notFound,
  parseId,
  refuseEphemeral,
  type CatalogDeps,
  type NamedThread,
} from '../live/catalog-deps.js';
import { knownOfRow, threadObject } from '../live/thread-object.js';
import { randomUUID } from 'node:crypto';
import type { ThreadReadState } from '../../../schema/protocol/threads/thread-list.js';
import { readStateOf } from '../catalog/facts-state.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';

export const metadataMethods = defineMethods((deps: CatalogDeps) => {
  const { catalog } = deps;
  return {
    /**
     * Sets the facts about a thread's repository and its project. Order: `thread/project/updated` to all, the answer.
     * Works on threads that are not loaded, and on archived ones.
     */
    'thread/metadata/update': async ({ threadId, gitInfo, daybreakEnabled, projectId }) => {
      const id = parseId(threadId);
      if (gitInfo === null && daybreakEnabled === null && projectId === null)
        throw invalidRequest('thread metadata update must include at least one field');
      const git = gitInfo === null ? null : checkedPatch(gitInfo);
      const project = projectId === '' ? null : projectId;
      const thread = await findThread(deps, id);
      if (thread === null) throw gitInfo === null ? notFound(id) : noRolloutFor(id);
      refuseEphemeral(thread, 'metadata updates');
      const state = catalog.state();
      if (project !== null && !state.projects.some((known) => known.id === project))
        throw invalidRequest(`project not found: ${project}`);
      if (git !== null) {
        const before = (await threadWire(deps, thread)).gitInfo;
        catalog.write({ k: 'git', id, git: merged(before ?? null, git) });
      }
      if (daybreakEnabled !== null) catalog.write({ k: 'daybreak', id, on: daybreakEnabled });
      if (projectId !== null && (catalog.state().thread(id).project ?? null) !== project) {
        catalog.write({ k: 'project', id, project });
        announce(deps, id, 'thread/project/updated', { threadId: id, projectId: project });
      }
      return { thread: { ...(await threadWire(deps, thread)), canAcceptDirectInput: null } };
    },
    /** Order: the answer, `thread/name/updated` to all. A thread without content gets its file. */
    'thread/name/set': async ({ threadId, name: asked }, _caller, context) => {
      const id = parseId(threadId);
      const name = asked.trim();
      if (name === '') throw invalidRequest('thread name must not be empty');
      const thread = await findThread(deps, id);
      if (thread === null || thread.files?.archived === true) throw noRolloutFor(id);
      refuseEphemeral(thread, 'metadata updates');
      if (thread.files === null) {
        thread.live?.writer?.append([]);
        deps.catalog.touched(id);
      }
      await deps.catalog.setName(id, name);
      context.afterAnswer(() => announce(deps, id, 'thread/name/updated', { threadId: id, threadName: name }));
      return {};
    },
    /**
     * Sets the turn from which a thread is unread, for all clients. Order: `thread/readState/changed` to the
     * subscribers, the answer.
     */
    'thread/readState/update': async ({ threadId, operation, expectedRevision }) => {
      const id = parseId(threadId, 'request.invalid-params');
      const thread = await findThread(deps, id);
      if (thread === null) throw invalidRequest(`thread not loaded: ${id}`);
      if (thread.files === null) throw invalidRequest('thread read state unavailable');
      const next: ThreadReadState = {
        firstUnread: operation.type === 'unread' ? { type: 'threadStart' } : null,
        revision: randomUUID(),
      };
      // The journal, which orders the facts of all daemons, decides whether the revision was the expected one.
      const before = readStateOf(id, catalog.state().thread(id));
      const after =
        before.revision === expectedRevision
          ? readStateOf(id, catalog.write({ k: 'read', id, expected: expectedRevision, state: next }).thread(id))
          : before;
      if (after.revision !== next.revision)
        throw invalidRequest('read state changed', { reason: 'readStateConflict', readState: after });
      thread.live?.events.notify('thread/readState/changed', { threadId: id, readState: next });
      return { readState: next };
    },
  };
});

type GitPatch = NonNullable<RequestParams<'thread/metadata/update'>['gitInfo']>;

/** The thread from the catalog; a thread without content is only in memory. */
async function threadWire({ catalog, defaultProvider }: CatalogDeps, { id, live }: NamedThread): Promise<Thread> {
  const row: CatalogRow | null = await catalog.row(id);
  if (row !== null) return threadObject(knownOfRow(row), live, defaultProvider());
  if (live === null) throw noRolloutFor(id);
  const createdAtMs = Date.parse(live.meta.timestamp);
  const known = {
    meta: live.meta,
    path: live.writer?.path ?? null,
    preview: '',
    createdAtMs,
    updatedAtMs: createdAtMs,
  };
  return threadObject({ ...known, facts: await catalog.facts(id) }, live, defaultProvider());
}

const MEMBERS = ['sha', 'branch', 'originUrl'] as const;

/** Trimmed. Absent members stay unchanged, null clears. Throws RpcError. */
function checkedPatch(patch: GitPatch): Partial<GitInfo> {
  const checked: Partial<GitInfo> = {};
  for (const member of MEMBERS) {
    const value = patch[member];
    if (value === undefined) continue;
    checked[member] = value === null ? null : value.trim();
    if (checked[member] === '') throw invalidRequest(`gitInfo.${member} must not be empty`);
  }
  if (Object.keys(checked).length === 0) throw invalidRequest('gitInfo must include at least one field');
  return checked;
}

/** Null: no member is left. */
function merged(before: GitInfo | null, patch: Partial<GitInfo>): GitInfo | null {
  const { sha = null, branch = null, originUrl = null } = { ...before, ...patch };
  return sha === null && branch === null && originUrl === null ? null : { sha, branch, originUrl };
}
