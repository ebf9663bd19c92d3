/** What follows the answer to `initialize`: what the client should know of the configuration, and lanes in advance. */
import { describe } from '../errors/describe.js';
import type { ConfigWarning } from '../config/settings/startup.js';
import type { Health } from '../doctor/health.js';
import type { Caller } from '../rpc/connection/caller.js';
import { sharedFresh, type Gathering } from '../system/node/shared-fresh.js';
import type { DaemonParts } from './daemon-parts.js';

/** Milliseconds. The check of the sandbox comes after the first answers of a client, because it starts programs. */
const HEALTH_DELAY_MS = 1000;

/** The configuration is read after a crowd of clients has its answers; those who keep coming share few readings. */
const GATHERING: Gathering = { quietTurns: 4, mostMs: 100, restMs: 100 };

/** A client as the greeting sees it. */
type Greeted = Pick<Caller, 'connectionId' | 'notify'>;

/** Clients that connect at about the same time share one reading of the configuration. */
export function createGreeting(parts: DaemonParts, health: Pick<Health, 'problems'>): (caller: Greeted) => void {
  const tellHealth = async (greeted: ReadonlySet<number>): Promise<void> => {
    const problems = await health.problems();
    if (problems.length === 0) return;
    const still = parts.rpc().callers();
    for (const caller of still.filter(({ connectionId }) => greeted.has(connectionId)))
      for (const { what, fix } of problems) caller.notify('configWarning', { summary: what, details: fix });
  };
  const news = sharedFresh(async () => ({ ...(await readNews(parts)), healthSoon: soonForAll(tellHealth) }), GATHERING);
  return (caller) => {
    news()
      .then(async ({ warnings, lanes, healthSoon }) => {
        for (const warning of warnings) caller.notify('configWarning', warning);
        healthSoon(caller);
        if (lanes !== null) (await parts.commands()).approvals.warm(lanes);
      })
      .catch((error: unknown) => parts.log.error(...describe('what follows initialize failed', error)));
  };
}

/**
 * One timer for all clients of one reading. It keeps their numbers and not the clients: many that come and go within
 * its time would stay in memory for it.
 */
function soonForAll(tell: (greeted: ReadonlySet<number>) => Promise<void>): (caller: Greeted) => void {
  const greeted = new Set<number>();
  return ({ connectionId }) => {
    if (greeted.size === 0) setTimeout(() => void tell(greeted), HEALTH_DELAY_MS).unref();
    greeted.add(connectionId);
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
