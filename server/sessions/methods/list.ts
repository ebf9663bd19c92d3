/** thread/list (docs/protocol/threads.md §4). */
import path from 'node:path';
import type { RequestParams } from '../../../schema/registry.js';
import { invalidParams, invalidRequest } from '../../errors/rpc-error.js';
import type { ThreadId } from '../store/records/thread-id.js';
import { NO_FILTER, type ThreadFilter } from '../catalog/thread-query.js';
import { pageSize, parseId, type CatalogDeps } from '../live/catalog-deps.js';
import { listedThread } from '../live/thread-object.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';

export interface ListDeps extends CatalogDeps {
  /** The base of a relative `cwd` in a filter. */
  readonly cwd: string;
}

type Params = RequestParams<'thread/list'>;

/** How many ids a request may include or exclude (docs/protocol/threads.md §4). */
const MAX_IDS = 100;

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
  };
});

/** Throws RpcError for an unsupported filter. */
function filterOf(params: Params, deps: ListDeps, provider: string): ThreadFilter {
  const { originators, projectId, sectionId, searchTerm, modelProviders, sourceKinds, cwd } = params;
  if (params.includeAttachedThreads && (searchTerm ?? '') === '')
    throw invalidRequest('includeAttachedThreads requires a non-empty searchTerm');
  const included = ids(params, 'includedThreadIds', 'included thread');
  const excluded = ids(params, 'excludedThreadIds', 'excluded thread');
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
    included,
    excluded: excluded?.size === 0 ? null : excluded,
    parent,
    ancestor,
  };
}

/** Null: the member is absent. Throws RpcError for too many ids, and for an invalid one. */
function ids(
  params: Params,
  member: 'includedThreadIds' | 'excludedThreadIds',
  what: string,
): ReadonlySet<ThreadId> | null {
  const given = params[member];
  if (given === null) return null;
  if (given.length > MAX_IDS) throw invalidParams(`${member} accepts at most ${MAX_IDS} entries`);
  return new Set(given.map((id) => parseId(id, 'request.invalid-params', what)));
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
