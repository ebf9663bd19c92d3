/**
 * Methods about extensions of a session: hooks, plugins, apps. codexd has no plugins and no apps: their
 * lists are empty, and nothing can be installed (docs/protocol/services.md §10).
 */
import type { ConfigService } from '../../config/settings/config-service.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { invalidRequest } from '../../errors/rpc-error.js';
import { listHooks, type ThreadHooks } from './hook-list.js';

export interface ExtensionDeps {
  readonly source: ConfigService;
  readonly threadHooks: ThreadHooks;
}

export const extensionMethods = defineMethods(({ source, threadHooks }: ExtensionDeps) => ({
  'hooks/list': (params) => listHooks(source, params, threadHooks),
  'plugin/list': () => ({ marketplaces: [], marketplaceLoadErrors: [], featuredPluginIds: [] }),
  'plugin/installed': () => ({ marketplaces: [], marketplaceLoadErrors: [] }),
  'app/list': () => ({ data: [], nextCursor: null }),
  'app/installed': () => ({ apps: [] }),
  'app/read': ({ appIds }) => ({ apps: [], missingAppIds: [...appIds] }),
  'marketplace/upgrade': ({ marketplaceName }) => {
    if (marketplaceName) throw notConfigured(marketplaceName, 'as a Git marketplace');
    return { selectedMarketplaces: [], upgradedRoots: [], errors: [] };
  },
  'marketplace/remove': ({ marketplaceName }) => {
    throw notConfigured(marketplaceName, 'or installed');
  },
}));

const notConfigured = (name: string, how: string) => invalidRequest(`marketplace \`${name}\` is not configured ${how}`);
