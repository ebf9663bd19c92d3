/** What follows the answer to `initialize`: what the client should know of the configuration, and lanes in advance. */
import { describe } from '../errors/describe.js';
import type { ConfigWarning } from '../config/settings/startup.js';
import type { Health } from '../doctor/health.js';
import type { Caller } from '../rpc/connection/caller.js';
import { sharedPaced } from '../system/node/shared-paced.js';
import type { DaemonParts } from './daemon-parts.js';

/** Milliseconds. The check of the sandbox comes after the first answers of a client, because it starts programs. */
const HEALTH_DELAY_MS = 1000;

/** Milliseconds between two readings of the configuration for clients that connect. */
const NEWS_REST_MS = 20;

/** Clients that connect at about the same time share one reading of the configuration. */
export function createGreeting(
  parts: DaemonParts,
  health: Pick<Health, 'problems'>,
): (caller: Pick<Caller, 'notify'>) => void {
  const news = sharedPaced(NEWS_REST_MS, () => readNews(parts));
  const healthSoon = async (caller: Pick<Caller, 'notify'>): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, HEALTH_DELAY_MS).unref());
    for (const { what, fix } of await health.problems())
      caller.notify('configWarning', { summary: what, details: fix });
  };
  return (caller) => {
    news()
      .then(async ({ warnings, lanes }) => {
        for (const warning of warnings) caller.notify('configWarning', warning);
        void healthSoon(caller);
        if (lanes !== null) (await parts.commands()).approvals.warm(lanes);
      })
      .catch((error: unknown) => parts.log.error(...describe('what follows initialize failed', error)));
  };
}

interface News {
  readonly warnings: readonly ConfigWarning[];
  /**
   * Lanes take a moment to make: where commands will want them, they are made before the first one asks. Null: none
   * are wanted.
   */
  readonly lanes: { readonly transparent: boolean } | null;
}

async function readNews({ configuration, ruleBook, log }: DaemonParts): Promise<News> {
  const { check, source } = await configuration();
  const readings: readonly (() => readonly ConfigWarning[] | Promise<readonly ConfigWarning[]>)[] = [
    () => check().warnings,
    async () => {
      const [book, { ruleWarnings }] = await Promise.all([ruleBook(), import('../config/settings/rule-warnings.js')]);
      return ruleWarnings(book.current());
    },
    async () => (await import('../services/extensions/skipped-settings.js')).skippedSettings(source),
  ];
  const warnings: ConfigWarning[] = [];
  for (const reading of readings) {
    try {
      warnings.push(...(await reading()));
    } catch (error) {
      // The others are sent all the same.
      log.error(...describe('a warning about the configuration cannot be made', error));
    }
  }
  const { networkAccess, defaultProfile } = source.settings();
  const access = networkAccess(defaultProfile);
  return { warnings, lanes: access.kind === 'proxied' ? { transparent: access.policy.transparentTcp } : null };
}
