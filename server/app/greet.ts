/** What follows the answer to `initialize`: what the client should know of the configuration, and lanes in advance. */
import { describe } from '../errors/describe.js';
import type { Health } from '../doctor/health.js';
import type { Caller } from '../rpc/connection/caller.js';
import type { DaemonParts } from './daemon-parts.js';

/** Milliseconds. The check of the sandbox comes after the first answers of a client, because it starts programs. */
const HEALTH_DELAY_MS = 1000;

export function greet(
  { configuration, ruleBook, commands, log }: DaemonParts,
  health: Pick<Health, 'problems'>,
  caller: Pick<Caller, 'notify'>,
): void {
  const healthSoon = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, HEALTH_DELAY_MS).unref());
    for (const { what, fix } of await health.problems())
      caller.notify('configWarning', { summary: what, details: fix });
  };
  configuration()
    .then(async ({ check, source }) => {
      for (const warning of check().warnings) caller.notify('configWarning', warning);
      const [book, { ruleWarnings }] = await Promise.all([ruleBook(), import('../config/settings/rule-warnings.js')]);
      for (const warning of ruleWarnings(book.current())) caller.notify('configWarning', warning);
      const { skippedSettings } = await import('../services/extensions/skipped-settings.js');
      for (const warning of skippedSettings(source)) caller.notify('configWarning', warning);
      void healthSoon();
      const { networkAccess, defaultProfile } = source.settings();
      // Lanes take a moment to make: where commands will want them, they are made before the first one asks.
      if (networkAccess(defaultProfile).kind === 'proxied') return commands().then(({ approvals }) => approvals.warm());
    })
    .catch((error: unknown) => log.error(...describe('what follows initialize failed', error)));
}
