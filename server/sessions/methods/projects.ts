/**
 * project/*: projects, to which threads may belong. They are stored beside the rollouts, like all facts that are not in
 * rollouts.
 */
import path from 'node:path';
import type { Project, ProjectRoot } from '../../../schema/protocol/services/project.js';
import type { RequestParams } from '../../../schema/registry.js';
import { invalidParams } from '../../errors/rpc-error.js';
import type { StoredProject } from '../catalog/facts-state.js';
import { newId, parseThreadId, type ThreadId } from '../store/records/thread-id.js';
import { announce, findThread, nowSeconds, pageOf, pageSize, type CatalogDeps } from '../live/catalog-deps.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';

export const projectMethods = defineMethods((deps: CatalogDeps) => {
  const { catalog, outbox } = deps;
  return {
    /** `position` rises along the list; by recency, the project with the newest thread comes first. */
    'project/list': async ({ cursor, limit, sortKey, sortDirection }) => {
      if (sortKey === null && sortDirection !== null) throw invalidParams('sortDirection requires sortKey');
      const key = sortKey ?? 'position';
      const descending = sortDirection === null ? key === 'recencyAt' : sortDirection === 'desc';
      const projects = (await allProjects(deps)).sort((a, b) => compare(a, b, key) * (descending ? -1 : 1));
      const direction = descending ? 'desc' : 'asc';
      const start = cursor === null ? 0 : behind(projects, cursor, { key, direction });
      const { data, last } = pageOf(projects, start, pageSize(limit));
      return { data, nextCursor: last === null ? null : `v1|${key}|${direction}|${valueOf(last, key)}|${last.id}` };
    },
    'project/read': async ({ projectId }) => ({ project: await wire(deps, stored(deps, projectId)) }),
    /** Order: `project/changed` to all, the answer. The same `idempotencyKey` again returns the same project. */
    'project/create': async (params) => {
      const { project } = create(deps, params);
      return { project: await wire(deps, project) };
    },
    /** As create, with its threads: `thread/project/updated` for each, before the answer. */
    'project/import': async (params) => {
      const ids: ThreadId[] = [];
      for (const text of params.threads ?? []) {
        const parsed = parseThreadId(text);
        const found = 'id' in parsed ? await findThread(deps, parsed.id) : null;
        if (found === null || found.files === null) throw invalidParams(`thread not found: ${text}`);
        ids.push(found.id);
      }
      const { project, created } = create(deps, params);
      for (const id of created ? ids : []) {
        catalog.write({ k: 'project', id, project: project.id });
        announce(deps, id, 'thread/project/updated', { threadId: id, projectId: project.id });
      }
      return { project: await wire(deps, project) };
    },
    /** Order as with create; no notification if the request changes nothing. */
    'project/update': async ({ projectId, name, roots, metadata }) => {
      const before = stored(deps, projectId);
      if (name === null && roots === null && metadata === null) return { project: await wire(deps, before) };
      const project: StoredProject = {
        ...before,
        name: name === null ? before.name : projectName(name),
        roots: roots === null ? before.roots : projectRoots(roots),
        metadata: metadata ?? before.metadata,
        updatedAt: nowSeconds(),
      };
      catalog.write({ k: 'projectSet', project });
      outbox.broadcast('project/changed', { projectId, changeType: 'updated' });
      return { project: await wire(deps, project) };
    },
    'project/move': ({ projectId, beforeProjectId: before }) => {
      const project = stored(deps, projectId);
      if (before === projectId) throw invalidParams(`project ${projectId} cannot be moved before itself`);
      if (before !== null && !catalog.state().projects.some(({ id }) => id === before))
        throw invalidParams(`before project not found: ${before}`);
      catalog.write({ k: 'projectSet', project: { ...project, updatedAt: nowSeconds() } });
      catalog.write({ k: 'projectMove', project: projectId, before });
      outbox.broadcast('project/changed', { projectId, changeType: 'updated' });
      return {};
    },
    /** Order: `project/changed`, `thread/project/updated` for each of its threads, the answer. */
    'project/delete': ({ projectId }) => {
      stored(deps, projectId);
      const members = threadsIn(deps, projectId);
      catalog.write({ k: 'projectGone', project: projectId });
      outbox.broadcast('project/changed', { projectId, changeType: 'deleted' });
      for (const id of members) announce(deps, id, 'thread/project/updated', { threadId: id, projectId: null });
      return {};
    },
  };
});

function create(
  { catalog, outbox }: CatalogDeps,
  { name, roots, metadata, idempotencyKey: key }: RequestParams<'project/create'>,
): { project: StoredProject; created: boolean } {
  const now = nowSeconds();
  const asked: StoredProject = {
    id: newId(),
    name: projectName(name),
    roots: projectRoots(roots),
    metadata: metadata ?? {},
    createdAt: now,
    updatedAt: now,
  };
  if (key.trim() === '') throw invalidParams('idempotencyKey must not be empty');
  if (catalog.state().projectByKey(key) === undefined) catalog.write({ k: 'projectSet', project: asked, key });
  // The existing project: of this request, of an earlier one, or of a simultaneous request to another daemon.
  const state = catalog.state();
  const project = state.projects.find(({ id }) => id === state.projectByKey(key)) ?? asked;
  const created = project.id === asked.id;
  if (created) outbox.broadcast('project/changed', { projectId: project.id, changeType: 'created' });
  return { project, created };
}

function stored({ catalog }: CatalogDeps, projectId: string): StoredProject {
  const project = catalog.state().projects.find(({ id }) => id === projectId);
  if (project === undefined) throw invalidParams(`project not found: ${projectId}`);
  return project;
}

function projectName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '') throw invalidParams('project name must not be empty');
  return trimmed;
}

function projectRoots(asked: readonly ProjectRoot[]): ProjectRoot[] {
  const roots = asked.map(({ path: root }) => ({ path: path.resolve(root) }));
  const seen = new Set<string>();
  for (const { path: root } of roots) {
    if (seen.has(root)) throw invalidParams(`duplicate project root: ${root}`);
    seen.add(root);
  }
  return roots;
}

function threadsIn({ catalog }: CatalogDeps, projectId: string): ThreadId[] {
  return [...catalog.state().threads].flatMap(([id, { project }]) => (project === projectId ? [id] : []));
}

async function allProjects(deps: CatalogDeps): Promise<Project[]> {
  return Promise.all(deps.catalog.state().projects.map((project) => wire(deps, project)));
}

/** With its position, and the time of the last work in one of its threads. */
async function wire(deps: CatalogDeps, project: StoredProject): Promise<Project> {
  const { catalog } = deps;
  const position = catalog.state().projects.findIndex(({ id }) => id === project.id);
  let recencyMs: number | null = null;
  for (const id of threadsIn(deps, project.id)) {
    const row = await catalog.row(id);
    if (row !== null) recencyMs = Math.max(recencyMs ?? 0, row.recencyAtMs ?? row.head.updatedAtMs);
  }
  const { id, name, roots, metadata, createdAt, updatedAt } = project;
  const recencyAt = recencyMs === null ? null : Math.floor(recencyMs / 1000);
  return { id, name, roots, metadata, position, createdAt, updatedAt, recencyAt };
}

type Key = 'position' | 'recencyAt';
interface Order {
  readonly key: Key;
  readonly direction: 'asc' | 'desc';
}
type Sorted = Pick<Project, 'id' | Key>;

/** A project without threads counts as the oldest. */
const valueOf = (project: Sorted, key: Key): number => project[key] ?? -1;

function compare(a: Sorted, b: Sorted, key: Key): number {
  return valueOf(a, key) - valueOf(b, key) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** The index after a cursor `v1|<key>|<direction>|<value>|<id>`. Throws RpcError. */
function behind(projects: readonly Project[], cursor: string, { key, direction }: Order): number {
  const [version, sortedBy, sorted, value, id] = cursor.split('|');
  if (version !== 'v1' || sortedBy !== key || sorted !== direction || id === undefined || !/^-?\d+$/.test(value ?? ''))
    throw invalidParams('invalid project cursor: malformed or mismatched sort anchor');
  const anchor: Sorted = { id, position: Number(value), recencyAt: Number(value) };
  const sign = direction === 'desc' ? -1 : 1;
  const index = projects.findIndex((project) => compare(project, anchor, key) * sign > 0);
  return index === -1 ? projects.length : index;
}
