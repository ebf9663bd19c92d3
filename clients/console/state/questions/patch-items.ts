/** The patches that questions are about. Such a question names its item only; its running turn has the patch. */
import type { ServerRequestParams } from '../../../../schema/registry.js';
import type { Prompt } from './prompt.js';
import type { Server } from '../../connection/server.js';

export interface PatchItems {
  /** The prompt with its patch, or with why it cannot be read, as far as known by now. The first call reads it. */
  withItem<P extends Prompt>(prompt: P): P;
}

/** How the ids of questions begin that came to this page as the client of a thread, and not as an operator. */
export const DIRECT = 'direct-';

/** So many items are remembered: more than wait at one time. */
const KEPT = 50;

/** `onRead`: an item is known that was not known before. */
export function createPatchItems(server: Server, onRead: () => void): PatchItems {
  const known = new Map<string, Pick<Prompt, 'item' | 'itemFailure'>>();

  const read = async ({ promptId, params }: Prompt): Promise<NonNullable<Prompt['item']>> => {
    const item = promptId.startsWith(DIRECT) ? await ofOwnThread(params as Asked) : await ofPrompt(promptId);
    if (item?.type !== 'fileChange') throw new Error('the thread does not have it');
    return item;
  };
  const ofPrompt = async (promptId: string): Promise<Prompt['item']> =>
    (await server.request('operator/prompts/item', { promptId })).item;
  /** Where the daemon allows no operators. */
  const ofOwnThread = async ({ threadId, turnId, itemId }: Asked): Promise<Prompt['item']> => {
    // A turn that asks is running, so it is the newest.
    const page = { limit: 1, sortDirection: 'desc', itemsView: 'full' } as const;
    const { data } = await server.request('thread/turns/list', { threadId, ...page });
    return data.find(({ id }) => id === turnId)?.items.find(({ id }) => id === itemId);
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
      void read(prompt)
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
