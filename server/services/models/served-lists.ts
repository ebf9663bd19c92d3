/**
 * The models that the servers of providers list (docs/protocol/services.md §3), kept for a while: clients ask for the
 * list each time that they show a menu, and a server far away must not make each menu wait.
 */
import type { ModelRequirements } from '../../config/requirements/model-requirements.js';
import { describe as describeError } from '../../errors/describe.js';
import type { Logger } from '../../log/log.js';
import type { ProviderSettings } from '../../sessions/model/provider/provider-settings.js';
import { isLocal, servedModels } from '../../sessions/model/served-models.js';

export interface ServedListsOptions {
  readonly codexHome: string;
  /** The daemon's environment. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly modelRequirements: () => ModelRequirements;
  readonly log: Logger;
  /** In milliseconds; absent: the clock. */
  readonly now?: () => number;
}

export interface ServedLists {
  /** Names in the server's order. Empty: the server is not asked, does not answer, or has none. Never rejects. */
  of(settings: ProviderSettings): Promise<readonly string[]>;
}

/** In milliseconds, as in the official program's cache of catalogs. */
const FRESH_MS = 300_000;
/** How long a server that did not answer is left alone, in milliseconds. */
const AFTER_FAILURE_MS = 30_000;
/** In milliseconds, for a server that is not on this machine. */
const REMOTE_TIMEOUT_MS = 5_000;

const NONE: Promise<readonly string[]> = Promise.resolve([]);

interface Held {
  readonly names: Promise<readonly string[]>;
  /** When the list is asked for again, in milliseconds. */
  until: number;
}

export function createServedLists(options: ServedListsOptions): ServedLists {
  const { log, now = Date.now, ...endpoint } = options;
  const held = new Map<string, { readonly key: string; readonly list: Held }>();

  const ask = (settings: ProviderSettings, last: Held['names']): Held => {
    const timeoutMs = isLocal(settings) ? undefined : REMOTE_TIMEOUT_MS;
    const list: Held = {
      until: Infinity,
      names: servedModels({ ...endpoint, settings }, timeoutMs).then(
        (names) => {
          list.until = now() + FRESH_MS;
          return names;
        },
        (error: unknown) => {
          list.until = now() + AFTER_FAILURE_MS;
          log.warn(...describeError(`the models of \`${settings.id}\` cannot be listed`, error));
          return last;
        },
      ),
    };
    return list;
  };

  return {
    async of(settings) {
      if (!isAsked(settings)) return [];
      // A server of this machine answers at once, and its list changes as its owner downloads models.
      if (isLocal(settings)) return ask(settings, NONE).names;
      const key = JSON.stringify(settings);
      const before = held.get(settings.id);
      const same = before?.key === key ? before.list : null;
      if (same !== null && now() < same.until) return same.names;
      const list = ask(settings, same?.names ?? NONE);
      held.set(settings.id, { key, list });
      return list.names;
    },
  };
}

/** OpenAI's own models are known (sessions/model/known-models.ts). */
const isAsked = ({ wireApi, usesLogin, baseUrl }: ProviderSettings): boolean =>
  wireApi !== 'replay' && !usesLogin && baseUrl !== '';
