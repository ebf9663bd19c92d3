/** What became of one run of a hook, and what it wants (docs/protocol/services.md §6). */
import type { HookOutputEntry, HookRunStatus } from '../../../schema/protocol/services/hooks.js';
import type { JsonOutput } from './read-output.js';

/** How the program of a hook ended. */
export type HookEnd =
  | { readonly kind: 'exit'; readonly code: number; readonly stdout: string; readonly stderr: string }
  /** Its time was over, or a child of it held its output for as long again. */
  | { readonly kind: 'timeout' }
  /** It could not be started, or a tool gave no result. `cause`: for the log. */
  | { readonly kind: 'notRun'; readonly why: string; readonly cause?: string | null }
  /** The turn, the thread or the daemon ended first. */
  | { readonly kind: 'cancelled' };

export interface HookAnswer {
  readonly status: Exclude<HookRunStatus, 'running'>;
  /** For people. Those of the kind `context` are for the model, too. */
  readonly entries: readonly HookOutputEntry[];
  /** Why it blocked, or why it stopped; null: it did neither, or stopped without a reason. */
  readonly reason: string | null;
  /** It answers a question of approval with yes. */
  readonly allows: boolean;
  /** The input with which a tool runs; undefined: its own. */
  readonly updatedInput?: unknown;
}

export const answerOf = (
  status: HookAnswer['status'],
  entries: readonly HookOutputEntry[] = [],
  more: Partial<Pick<HookAnswer, 'reason' | 'allows' | 'updatedInput'>> = {},
): HookAnswer => ({ status, entries, reason: null, allows: false, ...more });

export const failedAnswer = (text: string, before: readonly HookOutputEntry[] = []): HookAnswer =>
  answerOf('failed', [...before, { kind: 'error', text }]);

/** Judges a JSON output. `entries`: the message for people and the context for the model, which the output has. */
export type Judge = (output: JsonOutput, entries: readonly HookOutputEntry[]) => HookAnswer;

/** The answer of a hook that does not want the work to continue; null: it does. */
export function stopped(output: JsonOutput, entries: readonly HookOutputEntry[]): HookAnswer | null {
  if (output.continue) return null;
  const { stopReason: reason } = output;
  return answerOf('stopped', reason === null ? entries : [...entries, { kind: 'stop', text: reason }], { reason });
}

export const nonEmpty = (text: string | null): text is string => text !== null && text.trim() !== '';
