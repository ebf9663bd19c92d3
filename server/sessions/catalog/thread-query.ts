/** The filter and the order of a list of threads (docs/protocol/threads.md §4). */
import type { ThreadSourceKind } from '../../../schema/protocol/threads/thread-list.js';
import { itemAt } from '../../system/node/lists.js';
import { sessionSource } from './session-source.js';
import type { ThreadId } from '../store/records/thread-id.js';
import type { FactsState } from './facts-state.js';
import type { Anchor, SortKey } from './list-cursor.js';
import { INTERACTIVE, sourceKinds } from './source-kind.js';
import { headOf, type FileRow } from './file-row.js';

/** Null members do not filter. */
export interface ThreadFilter {
  readonly archived: boolean;
  readonly providers: ReadonlySet<string> | null;
  /** Null: the interactive kinds. */
  readonly kinds: ReadonlySet<ThreadSourceKind> | null;
  readonly cwds: ReadonlySet<string> | null;
  /** `id: null`: threads without a section. */
  readonly section: { readonly id: string | null } | null;
  readonly project: { readonly id: string | null } | null;
  readonly searchTerm: string | null;
  readonly included: ReadonlySet<ThreadId> | null;
  readonly excluded: ReadonlySet<ThreadId> | null;
  readonly parent: ThreadId | null;
  readonly ancestor: ThreadId | null;
}

export const NO_FILTER: ThreadFilter = {
  archived: false,
  providers: null,
  kinds: null,
  cwds: null,
  section: null,
  project: null,
  searchTerm: null,
  included: null,
  excluded: null,
  parent: null,
  ancestor: null,
};

export interface FilterContext {
  readonly state: FactsState;
  readonly names: ReadonlyMap<ThreadId, string>;
  readonly defaultProvider: string;
  /** The whole first message of a row. */
  readonly preview: (row: FileRow) => string;
  /** All rows; the filter by ancestor needs them. */
  readonly rows: readonly FileRow[];
}

/** Makes the filter for one row. Cheap conditions are checked first. */
export function threadFilter(filter: ThreadFilter, context: FilterContext): (row: FileRow) => boolean {
  const { state, names, defaultProvider, preview } = context;
  const { archived, providers, cwds, section, project, searchTerm, included, excluded, parent, ancestor } = filter;
  // A filter by parent selects sub-agents, so then they are not excluded.
  const kinds = filter.kinds ?? (parent === null && ancestor === null ? new Set(INTERACTIVE) : null);
  const family = ancestor === null ? null : descendants(ancestor, context.rows);
  return (row) => {
    const head = headOf(row);
    const { id, source, model_provider: provider, cwd } = head.meta;
    if (row.archived !== archived) return false;
    const facts = state.thread(id);
    // An archived thread is found even without a user message: otherwise nobody could unarchive it
    // (docs/protocol/threads.md §8).
    if (!archived && head.preview === null && facts.preview === undefined) return false;
    if (providers !== null && !providers.has(provider ?? defaultProvider)) return false;
    if (kinds !== null && !sourceKinds(sessionSource(source)).some((kind) => kinds.has(kind))) return false;
    if (cwds !== null && !cwds.has(cwd)) return false;
    if (included !== null && !included.has(id)) return false;
    if (excluded?.has(id) === true) return false;
    if (section !== null && (facts.place?.section ?? null) !== section.id) return false;
    if (project !== null && (facts.project ?? null) !== project.id) return false;
    if (parent !== null && parentOf(source) !== parent) return false;
    if (family !== null && !family.has(id)) return false;
    if (searchTerm === null) return true;
    const text = facts.preview ?? (head.cut ? preview(row) : (head.preview ?? ''));
    return text.includes(searchTerm) || names.get(id)?.includes(searchTerm) === true;
  };
}

/** The thread that spawned a sub-agent. */
function parentOf(source: unknown): ThreadId | null {
  const wire = sessionSource(source);
  if (typeof wire === 'string' || !('subAgent' in wire)) return null;
  const { subAgent } = wire;
  return typeof subAgent === 'object' && 'thread_spawn' in subAgent ? subAgent.thread_spawn.parent_thread_id : null;
}

function descendants(ancestor: ThreadId, rows: readonly FileRow[]): ReadonlySet<ThreadId> {
  const children = new Map<ThreadId, ThreadId[]>();
  for (const { head } of rows) {
    if (head === null) continue;
    const parent = parentOf(head.meta.source);
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), head.meta.id]);
  }
  const found = new Set<ThreadId>();
  const queue = [ancestor];
  for (let id = queue.pop(); id !== undefined; id = queue.pop())
    for (const child of children.get(id) ?? [])
      if (!found.has(child)) {
        found.add(child);
        queue.push(child);
      }
  return found;
}

/**
 * The value by which rows are sorted. Times are in milliseconds; creation times have a resolution of one second
 * (docs/protocol/threads.md §4, ties).
 */
export function sortValue(
  key: SortKey,
  state: FactsState,
  recency: (row: FileRow) => number,
): (row: FileRow) => number {
  if (key === 'updated_at') return ({ mtimeMs }) => Math.trunc(mtimeMs);
  if (key === 'recency_at') return recency;
  if (key === 'section_position') return (row) => state.thread(headOf(row).meta.id).place?.position ?? 0;
  return (row) => Math.floor(headOf(row).createdAtMs / 1000) * 1000;
}

export interface SortedRow {
  readonly row: FileRow;
  readonly value: number;
  readonly id: ThreadId;
}

/** In rising order. Rows with equal values are sorted by id, which is the order of creation. */
export function compareRows(a: { value: number; id: ThreadId }, b: { value: number; id: ThreadId }): number {
  return a.value - b.value || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** The index of the first row after the anchor in rising order (`up`), or of the last row before it (not `up`). */
export function seek(rows: readonly SortedRow[], anchor: Anchor, up: boolean): number {
  const { value, id, inclusive } = anchor;
  // An anchor without an id excludes all rows with exactly that time.
  const place = { value, id: id ?? (up ? '\uffff' : '') };
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = compareRows(itemAt(rows, middle), place);
    const before = order < 0 || (order === 0 && (up ? !inclusive : inclusive));
    if (before) low = middle + 1;
    else high = middle;
  }
  return up ? low : low - 1;
}
