/**
 * Translates a plan into a policy for sandbox-exec(1).
 *
 * Rule: everything is denied that is not allowed, and no two rules contradict each other, so their order has no
 * meaning. Missing paths need no placeholder, because a rule is about names. Paths of the plan are real paths, by their
 * names on disk (real-names.ts).
 * Non-scope: pid and mount namespaces, which macOS lacks; the existence of hidden paths is visible.
 *
 * Tested as data, under every reading of the language that is plausible (test/sandbox/macos/). Whether a Mac enforces
 * it is found out there (proof.ts).
 */
import type { SandboxPlan } from '../policy/policy.js';
import { fileRules } from './file-rules.js';
import { networkRules, type SeatbeltNetwork } from './network-rules.js';
import { processRules } from './process-rules.js';

export type { SeatbeltNetwork } from './network-rules.js';

export interface SeatbeltOptions {
  readonly network: SeatbeltNetwork;
  /** The name that only processes of this sandbox may look up; null: none. */
  readonly mark: string | null;
}

/** Returns the policy's text, in the language of sandbox(7). Throws RangeError for an invalid port. */
export function seatbeltPolicy(plan: SandboxPlan, { network, mark }: SeatbeltOptions): string {
  const hidden = plan.mounts.flatMap(({ kind, path }) => (kind === 'hidden' || kind === 'privateFolder' ? [path] : []));
  return [
    '(version 1)',
    '(deny default)',
    ...processRules(mark),
    ...fileRules(plan),
    ...networkRules(network, hidden),
  ].join('\n');
}
