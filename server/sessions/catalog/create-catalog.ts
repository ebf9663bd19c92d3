/**
 * The thread catalog of one daemon: the index of rollouts, the names, the journal of facts, and the queries on them.
 */
import { describe } from '../../errors/describe.js';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { osCode } from '../../errors/os-code.js';
import type { Logger } from '../../log/log.js';
import { itemAt } from '../../system/node/lists.js';
import type { ThreadFiles, ThreadHead, ThreadStore } from '../store/records/thread-store.js';
import type { ThreadId } from '../store/records/thread-id.js';
import type { Catalog, Page, PageQuery, SearchPage, SearchQuery } from './catalog.js';
import { searchConversation } from './conversation-search.js';
import { createFactsState, readStateOf, type Fact, type FactsState } from './facts-state.js';
import { withFileLock } from '../../system/files/with-file-lock.js';
import { openJournal } from './journal.js';
import { formatCursor, parseCursor, type SortKey } from './list-cursor.js';
import { createSessionNames } from './session-names.js';
import { createSlices } from '../../system/node/slices.js';
import { tailOfFile, type Tail } from './tail-reader.js';
import type { CatalogRow, ThreadFacts } from './thread-catalog.js';
import { createThreadIndex } from './thread-index.js';
import { headOf, type FileRow } from './file-row.js';
import { compareRows, seek, sortValue, threadFilter, type SortedRow } from './thread-query.js';

export interface CatalogOptions {
  readonly codexHome: string;
  readonly store: Pick<ThreadStore, 'find' | 'head'>;
  /**
   * The provider for rollouts that name none. Lists without a provider filter show its threads
   * (docs/protocol/threads.md §4).
   */
  readonly defaultProvider: () => string;
  readonly log: Logger;
}

/** The folder of codexd's own files in the Codex home. */
const OWN_FOLDER = 'codexd';
const INDEX_FILE = 'thread-index.jsonl';

export function createCatalog({ codexHome, store, defaultProvider, log }: CatalogOptions): Catalog {
  const folder = path.join(codexHome, OWN_FOLDER);
  const facts = createFactsState();
  const journal = openJournal({ folder, state: facts });
  const names = createSessionNames(codexHome, withFileLock);
  const index = createThreadIndex({ codexHome, cacheFile: path.join(folder, INDEX_FILE), log });
  let order: { readonly key: SortKey; readonly at: number; readonly rows: SortedRow[] } | null = null;

  const state = (): FactsState => {
    journal.catchUp();
    return facts;
  };
  const write = (fact: Fact): FactsState => {
    journal.append({ ...fact });
    return facts;
  };

  function factsOf(id: ThreadId, known: FactsState, name: string | null): ThreadFacts {
    const { goal, place, memory, git, daybreak, project, preview } = known.thread(id);
    return {
      name,
      goal: goal ?? null,
      section: (place && known.sections.get(place.section)) ?? null,
      sectionEnteredAt: place?.at ?? null,
      memoryMode: memory ?? null,
      gitInfo: git,
      daybreakEnabled: daybreak ?? null,
      projectId: project ?? null,
      preview: preview ?? null,
      readState: readStateOf(id, known.thread(id)),
    };
  }

  function catalogRow(head: ThreadHead, tail: Tail, known: FactsState, name: string | null): CatalogRow {
    const { model, effort, git } = tail;
    return {
      head: git === undefined ? head : { ...head, meta: { ...head.meta, git } },
      facts: factsOf(head.id, known, name),
      model,
      effort,
      recencyAtMs: recencyOf(head.updatedAtMs, known.thread(head.id).turnMs, () => tail),
    };
  }

  /** The rows with their facts; one lookup of the names serves all of them. */
  function answered(rows: readonly FileRow[]): CatalogRow[] {
    const named = names.all();
    return rows.map((row) => {
      const head = { ...index.head(row), preview: index.preview(row) };
      return catalogRow(head, index.tail(row), facts, named.get(head.id) ?? null);
    });
  }

  // In rising order.

  /** All rows in rising order. */
  function sorted(key: SortKey, section: string | null): SortedRow[] {
    const value = sortValue(key, facts, (row) =>
      recencyOf(row.mtimeMs, facts.thread(headOf(row).meta.id).turnMs, () => index.tail(row)),
    );
    const at = index.changes;
    // Only the order by creation time stays valid when rows change.
    if (order?.key === key && order.at === at && key === 'created_at') return order.rows;
    const rows =
      order?.key === key && order.at === at
        ? order.rows.map(({ row, id }) => ({ row, id, value: value(row) }))
        : index.live().map((row) => ({ row, id: headOf(row).meta.id, value: value(row) }));
    const listed = section === null ? rows : rows.filter(({ id }) => facts.thread(id).place?.section === section);
    listed.sort(compareRows);
    if (section === null) order = { key, at, rows: listed };
    return listed;
  }

  async function upToDate({ sortKey, knownOnly }: PageQuery): Promise<void> {
    state();
    if (knownOnly) await index.recall((id) => store.find(id));
    else await index.refresh();
    if (sortKey === 'updated_at' || sortKey === 'recency_at') await index.sweep();
  }

  /** The rows after the cursor that pass the filter, in the requested order. */
  function* candidates({ filter, sortKey, descending, cursor }: PageQuery): Iterable<SortedRow> {
    const anchor = cursor === null ? null : parseCursor(sortKey, cursor);
    const section = sortKey === 'section_position' ? (filter.section?.id ?? '') : null;
    const rows = sorted(sortKey, section);
    // A section has only one order.
    const up = !descending || section !== null;
    const passes = threadFilter(filter, {
      state: facts,
      names: filter.searchTerm === null ? NO_NAMES : names.all(),
      defaultProvider: defaultProvider(),
      preview: (row) => index.preview(row),
      rows: index.live(),
    });
    const start = anchor === null ? (up ? 0 : rows.length - 1) : seek(rows, anchor, up);
    for (let n = start; n >= 0 && n < rows.length; n += up ? 1 : -1) {
      const candidate = itemAt(rows, n);
      if (passes(candidate.row)) yield candidate;
    }
  }

  async function page(query: PageQuery): Promise<Page> {
    const { sortKey, limit } = query;
    if (query.cursor !== null) parseCursor(sortKey, query.cursor);
    await upToDate(query);
    for (let attempt = 1; ; attempt++) {
      const found: SortedRow[] = [];
      for (const candidate of candidates(query)) {
        found.push(candidate);
        if (found.length > limit) break;
      }
      const shown = found.slice(0, limit);
      const current = await index.check(shown.map(({ row }) => row));
      // A file that changes continuously is returned in the state of the last check. A deleted file is not returned.
      if (!current && attempt < MAX_ATTEMPTS) continue;
      const there = current ? shown : shown.filter(({ row }) => row.head !== null);
      return { rows: answered(there.map(({ row }) => row)), ...cursors(sortKey, there, found.length > limit) };
    }
  }

  async function search(query: SearchQuery): Promise<SearchPage> {
    const { sortKey, limit, term, signal, onFound } = query;
    const asked = { ...query, knownOnly: false };
    if (query.cursor !== null) parseCursor(sortKey, query.cursor);
    await upToDate(asked);
    const conversation = searchConversation(term);
    const slices = createSlices();
    const found: (SortedRow & { readonly snippet: string })[] = [];
    for (const candidate of [...candidates(asked)]) {
      if (!(await index.check([candidate.row])) && candidate.row.head === null) continue;
      const snippet = await conversation.snippet(index.head(candidate.row).files.stored).catch((error: unknown) => {
        if (osCode(error) !== 'ENOENT') log.warn(...describe('a rollout was not searched', error));
        return null;
      });
      if (snippet !== null) found.push({ ...candidate, snippet });
      if (found.length > limit) break;
      if (snippet !== null) for (const row of answered([candidate.row])) onFound?.({ row, snippet });
      await slices.rest();
      signal.throwIfAborted();
    }
    const shown = found.slice(0, limit);
    const rows = answered(shown.map(({ row }) => row));
    return {
      found: rows.map((row, n) => ({ row, snippet: shown[n]?.snippet ?? '' })),
      ...cursors(sortKey, shown, found.length > limit),
    };
  }

  /** Finds a thread by the id in its file's name, or by the id in the file if they differ. */
  async function filesOf(id: ThreadId): Promise<ThreadFiles | null> {
    const files = await store.find(id);
    if (files !== null) return files;
    await index.refresh();
    const row = index.thread(id);
    return row === null ? null : index.head(row).files;
  }

  return {
    page,
    search,
    state,
    write,
    async row(id) {
      const files = await filesOf(id);
      if (files === null) return null;
      const head = await store.head(files);
      return catalogRow(head, tailOfFile(files.stored, head.id), state(), names.get(head.id));
    },
    facts: (id) => Promise.resolve().then(() => factsOf(id, state(), names.get(id))),
    setName: (id, name) => names.set(id, name),
    touched: (id) => index.touched(id),
    removed(id) {
      // A fact is needed only if the thread has facts. Its name stays in the file, where nobody looks it up any more.
      return Promise.resolve().then(() => {
        if (state().threads.has(id)) write({ k: 'gone', id });
      });
    },
    async copyFacts(from, to) {
      const { preview, project } = state().thread(from);
      if (preview !== undefined) write({ k: 'preview', id: to, preview });
      if (project !== undefined) write({ k: 'project', id: to, project });
      const name = names.get(from);
      if (name !== null) await names.set(to, name);
    },
    turnEnded: (id, turnId) =>
      Promise.resolve().then(() => {
        const known = write({ k: 'turn', id, turn: turnId, revision: randomUUID(), ms: Date.now() });
        return readStateOf(id, known.thread(id));
      }),
    async close() {
      await index.close();
      journal.close();
    },
  };
}

/** How often a page is built again because files changed meanwhile. */
const MAX_ATTEMPTS = 3;
const NO_NAMES: ReadonlyMap<ThreadId, string> = new Map();
/**
 * If a rollout is newer by more than this than the last turn that a codexd recorded, another program wrote to it. In
 * milliseconds.
 */
const AFTERWARDS_MS = 1000;

/** The time of the last turn: as a codexd recorded it, unless the file has a later one. */
function recencyOf(mtimeMs: number, turnMs: number | undefined, tail: () => Tail): number {
  if (turnMs === undefined) return Math.trunc(mtimeMs);
  return mtimeMs - turnMs <= AFTERWARDS_MS ? turnMs : Math.max(turnMs, tail().turnMs ?? 0);
}

function cursors(
  key: SortKey,
  shown: readonly SortedRow[],
  more: boolean,
): { nextCursor: string | null; backwardsCursor: string | null } {
  const [first, last] = [shown[0], shown.at(-1)];
  return {
    nextCursor: more && last ? formatCursor(key, { value: last.value, id: last.id, inclusive: false }) : null,
    backwardsCursor: first ? formatCursor(key, { value: first.value, id: first.id, inclusive: true }) : null,
  };
}
