/** threadSection/* and thread/section/move (docs/protocol/threads.md §9). */
import type { ThreadSection } from '../../../schema/protocol/threads/thread-section.js';
import { invalidParams, invalidRequest } from '../../errors/rpc-error.js';
import { PINNED } from '../catalog/facts-state.js';
import { newId } from '../store/records/thread-id.js';
import {
  announce,
  findThread,
  notFound,
  nowSeconds,
  pageOf,
  pageSize,
  parseId,
  refuseEphemeral,
  type CatalogDeps,
} from '../live/catalog-deps.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';

export const sectionMethods = defineMethods((deps: CatalogDeps) => {
  const { catalog } = deps;
  return {
    /** By id, which is the order of creation; a cursor is the last id of the page before. */
    'threadSection/list': ({ cursor, limit }) => {
      const sections = [...catalog.state().sections.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
      const behind = cursor === null ? 0 : sections.findIndex(({ id }) => id > cursor);
      const { data, last } = pageOf(sections, behind === -1 ? sections.length : behind, pageSize(limit));
      return { data, nextCursor: last?.id ?? null };
    },
    'threadSection/create': ({ name, appearance }) => {
      const section = { id: newId(), name: sectionName(name), appearance: appearanceOf(appearance) };
      catalog.write({ k: 'section', section });
      return { section };
    },
    'threadSection/update': ({ sectionId, name, appearance }) => {
      const trimmed = sectionName(name);
      if (sectionId === PINNED.id) throw invalidParams('the built-in pinned section cannot be renamed');
      const before = catalog.state().sections.get(sectionId);
      if (before === undefined) throw invalidParams(`thread section not found: ${sectionId}`);
      const section: ThreadSection = {
        id: sectionId,
        name: trimmed,
        appearance: appearance === undefined ? before.appearance : appearanceOf(appearance),
      };
      catalog.write({ k: 'section', section });
      return { section };
    },
    /** Its threads are in no section afterwards. */
    'threadSection/delete': ({ sectionId }) => {
      if (sectionId === PINNED.id) throw invalidParams('the built-in pinned section cannot be deleted');
      if (!catalog.state().sections.has(sectionId)) throw invalidParams(`thread section not found: ${sectionId}`);
      catalog.write({ k: 'sectionGone', section: sectionId });
      return {};
    },
    /** Order: the answer, `thread/section/changed` to all. Without `beforeThreadId` the thread becomes the last one. */
    'thread/section/move': async ({ threadId, sectionId, beforeThreadId }, _caller, context) => {
      const id = parseId(threadId);
      const before = beforeThreadId === null ? null : parseId(beforeThreadId, undefined, 'before thread');
      if (before !== null && sectionId === null) throw invalidRequest('beforeThreadId requires a non-null sectionId');
      if (before === id) throw invalidRequest(`thread ${id} cannot be moved before itself`);
      const thread = await findThread(deps, id);
      if (thread === null) throw notFound(id);
      refuseEphemeral(thread, 'section moves');
      const state = catalog.state();
      if (sectionId !== null && !state.sections.has(sectionId))
        throw invalidRequest(`section ${sectionId} does not exist`);
      if (before !== null && state.thread(before).place?.section !== sectionId)
        throw invalidRequest(`before thread ${before} is not in section ${sectionId}`);
      catalog.write({ k: 'move', id, section: sectionId, before, at: nowSeconds() });
      context.afterAnswer(() => announce(deps, id, 'thread/section/changed', { threadId: id, sectionId }));
      return {};
    },
  };
});

function sectionName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '') throw invalidParams('section name must not be empty');
  return trimmed;
}

function appearanceOf(asked: { icon: string | null; color: string | null } | null): ThreadSection['appearance'] {
  return asked === null ? null : { icon: asked.icon, color: asked.color };
}
