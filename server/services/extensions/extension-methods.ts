/** Methods about hooks and apps. codexd has no apps: their lists are empty (docs/protocol/services.md §10). */
import type { ConfigService } from '../../config/settings/config-service.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { listHooks, type ThreadHooks } from './hook-list.js';

export interface ExtensionDeps {
  readonly source: ConfigService;
  readonly threadHooks: ThreadHooks;
}

export const extensionMethods = defineMethods(({ source, threadHooks }: ExtensionDeps) => ({
  'hooks/list': (params) => listHooks(source, params, threadHooks),
  'app/list': () => ({ data: [], nextCursor: null }),
  'app/installed': () => ({ apps: [] }),
  'app/read': ({ appIds }) => ({ apps: [], missingAppIds: [...appIds] }),
}));
