/**
 * thread/list, and thread/search, which finds threads by the text of their messages (docs/protocol/threads.md §4, §5).
 */
import path from 'node:path';
import type { RequestParams } from '../../../schema/registry.js';
import { invalidParams, invalidRequest } from '../../errors/rpc-error.js';
import { NO_FILTER, type ThreadFilter } from '../catalog/thread-query.js';
import { pageSize, parseId, type CatalogDeps } from '../live/catalog-deps.js';
import type { Thread } from '../../../schema/protocol/threads/thread.js';
import type { CatalogRow } from '../catalog/thread-catalog.js';
import { knownOfRow, threadObject } from '../live/thread-object.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';

export interface ListDeps extends CatalogDeps {
  /** The base of a relative `cwd` in a filter. */
  readonly cwd: string;
}

type Params = RequestParams<'thread/list'>;

/** How many excluded ids a request may contain (docs/protocol/threads.md §4). */
const MAX_EXCLUDED = 100;

export const listMethods = defineMethods((deps: ListDeps) => {
  const { catalog, threads } = deps;
  return {
    'thread/list': async (params) => {
      const provider = deps.defaultProvider();
      const filter = filterOf(params, deps, provider);
      // codexd attaches no threads to others, so it finds none.
      if (params.attachedToThreadId !== null)
        return { data: [], readStates: {}, nextCursor: null, backwardsCursor: null };
      const { rows, nextCursor, backwardsCursor } = await catalog.page({
        filter,
        sortKey: params.sortKey ?? 'created_at',
        descending: params.sortDirection !== 'asc',
        limit: pageSize(params.limit),
        cursor: params.cursor,
        knownOnly: params.useStateDbOnly,
      });
      return {
        data: rows.map((row) => listedThread(threads, row, provider)),
        readStates: Object.fromEntries(rows.map(({ head, facts }) => [head.id, facts.readState])),
        nextCursor,
        backwardsCursor,
      };
    },
    /** Threads of every provider; without sub-agents, unless the request names them. */
    'thread/search': async ({ searchTerm, archived, sourceKinds, sortKey, sortDirection, limit, cursor }) => {
      if (searchTerm.trim() === '') throw invalidRequest('thread/search requires a non-empty searchTerm');
      const { found, nextCursor, backwardsCursor } = await catalog.search({
        term: searchTerm,
        filter: {
          ...NO_FILTER,
          archived: archived ?? false,
          kinds: sourceKinds === null || sourceKinds.length === 0 ? null : new Set(sourceKinds),
        },
        sortKey: sortKey ?? 'created_at',
        descending: sortDirection !== 'asc',
        limit: pageSize(limit),
        cursor,
      });
      const provider = deps.defaultProvider();
      return {
        data: found.map(({ row, snippet }) => ({ thread: listedThread(threads, row, provider), snippet })),
        nextCursor,
        backwardsCursor,
      };
    },
  };
});

/** Throws RpcError for an unsupported filter. */
function filterOf(params: Params, deps: ListDeps, provider: string): ThreadFilter {
  const { excludedThreadIds, originators, projectId, sectionId, searchTerm, modelProviders, sourceKinds, cwd } = params;
  if (params.includeAttachedThreads && (searchTerm ?? '') === '')
    throw invalidRequest('includeAttachedThreads requires a non-empty searchTerm');
  if (excludedThreadIds !== null && excludedThreadIds.length > MAX_EXCLUDED)
    throw invalidParams(`excludedThreadIds accepts at most ${MAX_EXCLUDED} entries`);
  const excluded = excludedThreadIds?.map((id) => parseId(id, 'request.invalid-params', 'excluded thread')) ?? [];
  if (originators !== null && originators.length > 0)
    throw invalidParams('originator filtering is not supported by the local app-server');
  const { parent, ancestor } = family(params);
  if (params.sortKey === 'section_position' && (sectionId ?? null) === null)
    throw invalidRequest('section-position sorting requires a section filter');
  if (typeof projectId === 'string' && !deps.catalog.state().projects.some(({ id }) => id === projectId))
    throw invalidParams(`project not found: ${projectId}`);
  return {
    ...NO_FILTER,
    archived: params.archived ?? false,
    providers: providerFilter(modelProviders, provider),
    kinds: sourceKinds === null || sourceKinds.length === 0 ? null : new Set(sourceKinds),
    cwds: cwd === null ? null : new Set([cwd].flat().map((folder) => path.resolve(deps.cwd, folder))),
    section: sectionId === undefined ? null : { id: sectionId },
    project: projectId === undefined ? null : { id: projectId },
    searchTerm: searchTerm === '' ? null : searchTerm,
    excluded: excluded.length === 0 ? null : new Set(excluded),
    parent,
    ancestor,
  };
}

/** Omitted: the configured provider. An empty list: every provider. */
function providerFilter(asked: readonly string[] | null, configured: string): ReadonlySet<string> | null {
  if (asked === null) return new Set([configured]);
  return asked.length === 0 ? null : new Set(asked);
}

function family({
  parentThreadId,
  ancestorThreadId,
  attachedToThreadId,
}: Params): Pick<ThreadFilter, 'parent' | 'ancestor'> {
  const parent = parentThreadId === null ? null : parseId(parentThreadId, undefined, 'parent thread');
  const ancestor = ancestorThreadId === null ? null : parseId(ancestorThreadId, undefined, 'ancestor thread');
  if (parent !== null && ancestor !== null)
    throw invalidRequest('parentThreadId and ancestorThreadId are mutually exclusive');
  if (attachedToThreadId !== null) {
    parseId(attachedToThreadId, undefined, 'attached thread parent');
    if (parent !== null || ancestor !== null)
      throw invalidRequest('attachedToThreadId cannot be combined with parentThreadId or ancestorThreadId');
  }
  return { parent, ancestor };
}

/** With its current status; lists do not include `canAcceptDirectInput` (docs/protocol/threads.md §2). */
function listedThread(threads: CatalogDeps['threads'], row: CatalogRow, defaultProvider: string): Thread {
  const live = threads.get(row.head.id);
  return { ...threadObject(knownOfRow(row), live, defaultProvider), canAcceptDirectInput: null };
}
