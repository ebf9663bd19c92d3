/**
 * What happens to an approval that nobody answers: `[codexd.approvals]` (docs/configuration.md).
 *
 * Threat: a command that waits without end in a daemon without people; a missing answer that counts as a yes. Rule: a
 * missing answer never allows anything. The question waits, or it is denied, and each such denial is logged. Scope:
 * approvals of commands, network requests, file changes, permissions and tools of MCP servers, and questions to the
 * person. Non-scope: the client's own tools.
 */
import type { ServerRequestMethod } from '../../../schema/registry.js';
import { tableAt, type TomlTable } from '../../config/toml/value.js';
import type { Logger } from '../../log/log.js';
import { invalidRequest } from '../../errors/rpc-error.js';
import type { ThreadEvents } from './live-thread.js';

export interface UnansweredOptions {
  readonly threadId: string;
  /** How many clients are subscribed to the thread. */
  readonly clients: () => number;
  /** The thread's current configuration. */
  readonly table: () => TomlTable;
  readonly log: Logger;
}

export interface Unanswered {
  /** Wraps `ask` with the configured end for questions that nobody answers. */
  limitWait(ask: ThreadEvents['ask']): ThreadEvents['ask'];
  /** Clients came or went. */
  audienceChanged(): void;
}

export function createUnanswered({ threadId, clients, table, log }: UnansweredOptions): Unanswered {
  const open = new Set<() => void>();
  return {
    limitWait: (ask) => async (method, params, signal) => {
      if (!COVERED.has(method)) return ask(method, params, signal);
      const { denyWhenAbsent, timeoutMs } = policyOf(table());
      const silence = new AbortController();
      const deny = (why: string): void => {
        if (silence.signal.aborted) return;
        const about = (params as unknown as { readonly itemId?: string }).itemId ?? '';
        log.warn(`denied ${method} ${about} in thread ${threadId}: ${why}`);
        silence.abort(invalidRequest(why));
      };
      const look = (): void => {
        if (denyWhenAbsent && clients() === 0)
          deny('no client is there to answer (codexd.approvals.when_absent = "deny")');
      };
      look();
      const timer =
        timeoutMs === null
          ? undefined
          : setTimeout(
              () => deny(`nobody answered within ${timeoutMs / 1000} s (codexd.approvals.timeout_seconds)`),
              timeoutMs,
            );
      open.add(look);
      try {
        return await ask(method, params, AbortSignal.any([signal, silence.signal]));
      } finally {
        clearTimeout(timer);
        open.delete(look);
      }
    },
    audienceChanged() {
      for (const look of [...open]) look();
    },
  };
}

const COVERED: ReadonlySet<ServerRequestMethod> = new Set<ServerRequestMethod>([
  'item/commandExecution/requestApproval',
  'item/fileChange/requestApproval',
  'item/permissions/requestApproval',
  'item/tool/requestUserInput',
  'mcpServer/elicitation/request',
]);

/** The longest time, in seconds, that setTimeout supports. */
const MAX_TIMEOUT_SECONDS = 2_000_000;

function policyOf(table: TomlTable): { readonly denyWhenAbsent: boolean; readonly timeoutMs: number | null } {
  const { when_absent: absent, timeout_seconds: seconds } = tableAt(tableAt(table, 'codexd'), 'approvals');
  const limit = typeof seconds === 'number' || typeof seconds === 'bigint' ? Number(seconds) : 0;
  return {
    denyWhenAbsent: absent === 'deny',
    timeoutMs: limit > 0 ? Math.min(limit, MAX_TIMEOUT_SECONDS) * 1000 : null,
  };
}
