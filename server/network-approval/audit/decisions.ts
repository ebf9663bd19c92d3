/** The configured decision log of one daemon: in memory and, if configured, in a file. */
import { describe } from '../../errors/describe.js';
import path from 'node:path';
import { networkAudit } from '../../config/settings/network-audit.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import type { Logger } from '../../log/log.js';
import { makeFolderForUser } from '../../system/files/private-files.js';
import { createAuditFile, type AuditFile } from './audit-file.js';
import { createDecisionLog, type DecisionLog } from './decision-log.js';
import { wireDecision } from './decisions-list.js';

export interface Decisions {
  readonly log: DecisionLog;
  /** null: not configured. */
  readonly audit: AuditFile | null;
  /** Paths that no command may see. */
  readonly hiddenPaths: readonly string[];
  /** Writes the remaining lines. */
  close(): Promise<void>;
}

/**
 * Applies the current `[codexd.network_audit]`. A file that cannot be written is reported to `log` and stops nothing.
 * Throws ConfigError for a file with a folder that cannot be hidden from commands.
 */
export function openDecisionLog({ resolve, sources }: ConfigService, log: Logger): Decisions {
  const { codexHome, home, cwd } = sources;
  const { effective, problem } = resolve(cwd);
  const settings = problem === null ? networkAudit(effective.table, { codexHome, home, cwd }) : null;
  if (settings === null) {
    const decisions = createDecisionLog();
    return { log: decisions, audit: null, hiddenPaths: [], close: () => Promise.resolve(decisions.close()) };
  }
  const folder = path.dirname(settings.path);
  try {
    // Created now, because only an existing folder can be hidden.
    makeFolderForUser(folder);
  } catch (error) {
    log.error(...describe('the folder of the network audit cannot be made', error));
  }
  const audit = createAuditFile({ ...settings, log });
  const decisions = createDecisionLog({ onFinal: (entry) => audit.write(wireDecision(entry)) });
  return {
    log: decisions,
    audit,
    hiddenPaths: [folder],
    close: async () => {
      decisions.close();
      await audit.close();
    },
  };
}
