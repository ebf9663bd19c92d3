/** The patches that questions are about. Such a question names its item only; the thread has the patch. */
import type { ServerRequestParams } from '../../../../schema/registry.js';
import type { Prompt } from './prompt.js';
import type { Server } from '../../connection/server.js';

export interface PatchItems {
  /** The prompt with its patch, or with why it cannot be read, as far as known by now. The first call reads it. */
  withItem<P extends Prompt>(prompt: P): P;
}

/** So many items are remembered: more than wait at one time. */
const KEPT = 50;

/** `onRead`: an item is known that was not known before. */
export function createPatchItems(server: Server, onRead: () => void): PatchItems {
  const known = new Map<string, Pick<Prompt, 'item' | 'itemFailure'>>();

  const read = async ({ threadId, turnId, itemId }: Asked): Promise<NonNullable<Prompt['item']>> => {
    // A turn that asks is running, so it is the newest.
    const { data } = await server.request('thread/turns/list', {
      threadId,
      limit: 1,
      sortDirection: 'desc',
      itemsView: 'full',
    });
    const item = data.find(({ id }) => id === turnId)?.items.find(({ id }) => id === itemId);
    if (item?.type !== 'fileChange') throw new Error('the thread does not have it');
    return item;
  };

  return {
    withItem: (prompt) => {
      if (prompt.method !== 'item/fileChange/requestApproval' || prompt.item) return prompt;
      const asked = prompt.params as Asked;
      const key = `${asked.threadId} ${asked.itemId}`;
      const found = known.get(key);
      if (found !== undefined) return { ...prompt, ...found };
      known.set(key, {});
      const [oldest] = known.keys();
      if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
      void read(asked)
        .then(
          (item) => known.set(key, { item }),
          (error: Error) => known.set(key, { itemFailure: error.message }),
        )
        .then(onRead);
      return prompt;
    },
  };
}

/** The params have the shape of their method: the server checked them against the schema. */
type Asked = ServerRequestParams<'item/fileChange/requestApproval'>;
