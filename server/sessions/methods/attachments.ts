/** thread/attachment/* and thread/attachmentOwner/list (docs/protocol/threads.md §9): attachments of threads. */
import type { ThreadAttachment, ThreadAttachmentOwner } from '../../../schema/protocol/threads/thread-attachment.js';
import { invalidParams } from '../../errors/rpc-error.js';
import { isObject } from '../../system/node/objects.js';
import { newId, type ThreadId } from '../store/records/thread-id.js';
import {
  announce,
  findThread,
  notFound,
  nowSeconds,
  pageOf,
  pageSize,
  parseId,
  type CatalogDeps,
} from '../live/catalog-deps.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';

/** Identifies an attachment within its thread. */
interface Key {
  readonly attachmentType: string;
  readonly identityKey: string;
}

export const attachmentMethods = defineMethods((deps: CatalogDeps) => {
  const { catalog, store } = deps;
  return {
    /** Order: the answer, `thread/attachment/updated` to all. An existing attachment stays unchanged. */
    'thread/attachment/add': async ({ threadId, attachmentType, identityKey, payload }, _caller, context) => {
      const key = checkedKey({ attachmentType, identityKey });
      const id = parseId(threadId, 'request.invalid-params');
      await stored(deps, id);
      const known = attachmentOf(deps, id, key);
      if (known !== null) return { outcome: 'existing', attachment: known };
      const attachment: ThreadAttachment = { id: newId(), ...key, payload, createdAt: nowSeconds() };
      catalog.write({ k: 'attach', id, attachment });
      // Another daemon may have added it before.
      const there = attachmentOf(deps, id, key) ?? attachment;
      if (there.id !== attachment.id) return { outcome: 'existing', attachment: there };
      context.afterAnswer(() =>
        announce(deps, id, 'thread/attachment/updated', {
          threadId: id,
          ...key,
          attachmentId: attachment.id,
          operation: 'created',
        }),
      );
      return { outcome: 'created', attachment };
    },
    /** Order: the answer, then `thread/attachment/updated` to all if the attachment existed. */
    'thread/attachment/remove': async ({ threadId, attachmentType, identityKey }, _caller, context) => {
      const key = checkedKey({ attachmentType, identityKey });
      const id = parseId(threadId, 'request.invalid-params');
      await stored(deps, id);
      const there = attachmentOf(deps, id, key);
      if (there === null) return {};
      catalog.write({ k: 'detach', id, attachment: there.id });
      context.afterAnswer(() =>
        announce(deps, id, 'thread/attachment/updated', {
          threadId: id,
          ...key,
          attachmentId: there.id,
          operation: 'deleted',
        }),
      );
      return {};
    },
    /** Oldest first. The list of an unknown thread is empty. */
    'thread/attachment/list': ({ threadId, cursor, limit }) => {
      const id = parseId(threadId, 'request.invalid-params');
      const attachments = [...(catalog.state().thread(id).attachments ?? [])].sort(compare);
      const start = cursor === null ? 0 : behind(attachments, cursor, id);
      const { data, last } = pageOf(attachments, start, pageSize(limit));
      return { data, nextCursor: last === null ? null : `${id}|${last.createdAt}|${last.id}` };
    },
    /** The threads with an attachment, by id. */
    'thread/attachmentOwner/list': async ({ attachmentType, identityKey, archived, cursor, limit }) => {
      const key = checkedKey({ attachmentType, identityKey });
      const after = cursor === null ? null : ownerCursor(cursor);
      const owners: ThreadAttachmentOwner[] = [];
      const candidates = [...catalog.state().threads]
        .filter(([id, { attachments }]) => (after === null || id > after) && attachments?.some(hasKey(key)) === true)
        .map(([id]) => id)
        .sort();
      const size = pageSize(limit);
      for (const threadId of candidates) {
        if (owners.length > size) break;
        const files = await store.find(threadId);
        if (files === null || (archived !== null && files.archived !== archived)) continue;
        owners.push({ threadId, archived: files.archived });
      }
      const { data, last } = pageOf(owners, 0, size);
      const query = { attachment_type: attachmentType, identity_key: identityKey, archived };
      return { data, nextCursor: last === null ? null : JSON.stringify({ ...query, thread_id: last.threadId }) };
    },
  };
});

/** Throws RpcError: only threads with a file have attachments. */
async function stored(deps: CatalogDeps, id: ThreadId): Promise<void> {
  const { files = null } = (await findThread(deps, id)) ?? {};
  if (files === null) throw notFound(id, 'request.invalid-params');
}

function checkedKey({ attachmentType, identityKey }: Key): Key {
  if (attachmentType.trim() === '') throw invalidParams('attachmentType must not be empty');
  if (identityKey.trim() === '') throw invalidParams('identityKey must not be empty');
  return { attachmentType, identityKey };
}

const hasKey =
  ({ attachmentType, identityKey }: Key) =>
  (attachment: ThreadAttachment): boolean =>
    attachment.attachmentType === attachmentType && attachment.identityKey === identityKey;

function attachmentOf({ catalog }: CatalogDeps, id: ThreadId, key: Key): ThreadAttachment | null {
  return catalog.state().thread(id).attachments?.find(hasKey(key)) ?? null;
}

function compare(a: Pick<ThreadAttachment, 'createdAt' | 'id'>, b: Pick<ThreadAttachment, 'createdAt' | 'id'>): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

const badCursor = () => invalidParams('invalid pagination cursor');

/** The index after the cursor `<thread>|<seconds>|<attachment>`. Throws RpcError. */
function behind(attachments: readonly ThreadAttachment[], cursor: string, thread: ThreadId): number {
  const [forThread, seconds, id] = cursor.split('|');
  if (forThread !== thread || id === undefined || !/^\d+$/.test(seconds ?? '')) throw badCursor();
  const index = attachments.findIndex((other) => compare(other, { createdAt: Number(seconds), id }) > 0);
  return index === -1 ? attachments.length : index;
}

/** The last thread of the page before. Throws RpcError. */
function ownerCursor(cursor: string): ThreadId {
  let value: unknown;
  try {
    value = JSON.parse(cursor);
  } catch {
    throw badCursor();
  }
  if (!isObject(value) || typeof value['thread_id'] !== 'string') throw badCursor();
  return value['thread_id'];
}
