/** rollout/compress (docs/protocol/threads.md §15). */
import { describe } from '../../errors/describe.js';
import { internalError } from '../../errors/rpc-error.js';
import type { Logger } from '../../log/log.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import type { FileThreadStore } from '../store/create-thread-store.js';

export interface CompressDeps {
  readonly store: Pick<FileThreadStore, 'pack'>;
  readonly log: Logger;
}

export const compressMethods = defineMethods(({ store, log }: CompressDeps) => {
  let running = false;
  return {
    /** The answer says that a pass was begun, not that it is over. */
    'rollout/compress': (_params, _caller, context) => {
      const pass = store.pack();
      if (pass === null) {
        throw internalError(
          `codexd compresses sessions with Node 22.15 or newer, and this is Node ${process.versions.node}`,
        );
      }
      context.afterAnswer(() => {
        if (running) return;
        running = true;
        pass()
          .then((packed) => {
            if (packed === null) log.info('sessions were compressed shortly before: there is nothing to do');
            else log.info('sessions were compressed', { ...packed });
          })
          .catch((error: unknown) => log.error(...describe('sessions cannot be compressed', error)))
          .finally(() => (running = false));
      });
      return {};
    },
  };
});
