/** externalAgentConfig/* (docs/protocol/services.md §15): another agent's settings and sessions. */
import { describe } from '../../errors/describe.js';
import { invalidRequest } from '../../errors/rpc-error.js';
import type { Logger } from '../../log/log.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import type { Outbox } from '../../sessions/live/outbox.js';
import { detect } from './detect.js';
import { newImportId, readHistories, recordHistory } from './histories.js';
import type { SessionImports } from './import-session.js';
import { runImport } from './run-import.js';

export interface ExternalAgentDeps {
  readonly codexHome: string;
  /** The user's home. */
  readonly home: string;
  readonly sessions: () => Promise<SessionImports>;
  readonly outbox: Pick<Outbox, 'broadcast'>;
  readonly log: Logger;
}

/** A source that codexd does not read; every other name is the usual one, as in the official program. */
const OTHER_SOURCE = 'cursor';

export const externalAgentMethods = defineMethods(({ codexHome, home, sessions, outbox, log }: ExternalAgentDeps) => {
  const homes = { codexHome, home };
  /** Imports follow each other: two at once could write the same file. */
  let importing: Promise<unknown> = Promise.resolve();
  return {
    'externalAgentConfig/detect': async (params) => {
      const { includeHome, cwds, maxSessionAgeDays, maxSessions, migrationSource } = params;
      if (migrationSource === OTHER_SOURCE) return { items: [], connectors: [] };
      const request = { includeHome, cwds: cwds ?? [], maxAgeDays: maxSessionAgeDays, max: maxSessions };
      return { items: await detect(homes, request, log), connectors: [] };
    },
    /** Order: the answer; one progress for each item; the end. Without items nothing follows the answer. */
    'externalAgentConfig/import': ({ migrationItems: items, providerId, migrationSource }, caller, context) => {
      if (items.some(({ itemType }) => itemType === 'MEMORY')) {
        throw invalidRequest('external agent memory import is disabled');
      }
      if (migrationSource === OTHER_SOURCE && items.length > 0) {
        throw invalidRequest(`codexd imports nothing of \`${OTHER_SOURCE}\`: leave out migrationSource`);
      }
      const importId = newImportId();
      const run = async (): Promise<void> => {
        const deps = { homes, sessions: await sessions() };
        const itemTypeResults = await runImport(deps, items, caller.client.name, (result) =>
          outbox.broadcast('externalAgentConfig/import/progress', { importId, itemTypeResults: [result] }),
        );
        const successes = itemTypeResults.flatMap((result) => result.successes);
        const failures = itemTypeResults.flatMap((result) => result.failures);
        const completedAtMs = Date.now();
        await recordHistory(codexHome, { importId, providerId, completedAtMs, successes, failures });
        outbox.broadcast('externalAgentConfig/import/completed', { importId, itemTypeResults });
      };
      context.afterAnswer(() => {
        if (items.length === 0) return;
        importing = importing.then(run).catch((error: unknown) => {
          log.error(...describe('an import was not recorded', error));
        });
      });
      return { importId };
    },
    'externalAgentConfig/import/recordHistory': async ({ providerId, itemTypeResults }) => {
      const importId = newImportId();
      const successes = itemTypeResults.flatMap((result) => result.successes);
      const failures = itemTypeResults.flatMap((result) => result.failures);
      const whole = successes.map((success) => ({ ...success, title: success.title ?? null }));
      await recordHistory(codexHome, { importId, providerId, completedAtMs: Date.now(), successes: whole, failures });
      return { importId };
    },
    'externalAgentConfig/import/readHistories': () => ({ data: readHistories(codexHome), connectors: [] }),
  };
});
