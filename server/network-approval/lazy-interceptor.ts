/** The interceptor for limited mode, created for the first command that needs it. */
import { interceptionError } from '../errors/network-errors.js';
import { messageOf } from '../errors/message-of.js';
import type { Interceptor } from './interception/index.js';
import type { Trust } from './proxy/upstream/trust.js';

/** An interceptor, and the files of certificates for its commands. */
export type ReadyInterceptor = Interceptor & { readonly files: ReturnType<Interceptor['makeFiles']> };

export interface LazyInterceptor {
  /** Returns null without a home. Rejects with `network.interception`; the next command tries again. */
  ready(): Promise<ReadyInterceptor | null>;
  close(): Promise<void>;
}

const loaded = async (home: string, trust: Trust): Promise<Interceptor> =>
  (await import('./interception/index.js')).createInterceptor(home, trust);

/** `codexHome`: the folder for its files; undefined: there is no interception. `create`: for tests. */
export function createLazyInterceptor(
  codexHome: string | undefined,
  trust: Trust,
  create: (home: string, trust: Trust) => Promise<Interceptor> = loaded,
): LazyInterceptor {
  let made: Promise<Interceptor> | undefined;
  return {
    async ready() {
      if (codexHome === undefined) return null;
      try {
        const interceptor = await (made ??= create(codexHome, trust));
        return { ...interceptor, files: interceptor.makeFiles() };
      } catch (error) {
        made = undefined;
        throw interceptionError(messageOf(error));
      }
    },
    // The caller already received the error of the creation. The next daemon removes remaining files.
    close: async () => made?.then((interceptor) => interceptor.close()).catch(() => {}),
  };
}
