/** Which decisions the network page shows. */
import type { Decision } from './decisions.js';

export interface DecisionFilter {
  readonly verdict: 'all' | 'allow' | 'deny';
  /** A part of the host, or `host:port`. */
  readonly host: string;
  /** A part of the program, the MCP server, the process id, or the id of its run or thread. */
  readonly command: string;
}

export const NO_FILTER: DecisionFilter = { verdict: 'all', host: '', command: '' };

export function matching(decisions: readonly Decision[], filter: DecisionFilter): readonly Decision[] {
  const host = filter.host.trim().toLowerCase();
  const command = filter.command.trim().toLowerCase();
  return decisions.filter(
    (decision) =>
      (filter.verdict === 'all' || decision.verdict === filter.verdict) &&
      (host === '' || `${decision.host}:${decision.port}`.includes(host)) &&
      (command === '' || commandTexts(decision).some((text) => text?.toLowerCase().includes(command))),
  );
}

const commandTexts = ({ program, mcpServer, processId, registrationId, threadId }: Decision): (string | null)[] => [
  program,
  mcpServer,
  processId,
  registrationId,
  threadId,
];

/** Counts for the head of the page. */
export function verdicts(decisions: readonly Decision[]): { readonly allowed: number; readonly denied: number } {
  const allowed = decisions.filter(({ verdict }) => verdict === 'allow').length;
  return { allowed, denied: decisions.length - allowed };
}

/** Why, in words. The protocol has codes. */
export function because({
  verdict,
  reason,
  source,
  rule,
}: Pick<Decision, 'verdict' | 'reason' | 'source' | 'rule'>): string {
  if (source === 'decider')
    return verdict === 'allow' ? 'a person or reviewer allowed it' : 'a person or reviewer refused it';
  if (verdict === 'allow') return rule === null ? 'the policy allows it' : `rule ${rule}`;
  switch (reason) {
    case 'denied':
      return rule === null ? 'a rule denies it' : `deny rule ${rule}`;
    case 'not_allowed':
      return 'no rule allows it';
    case 'not_allowed_local':
      return 'a local address';
    case 'method_not_allowed':
      return 'the method, in limited mode';
    case 'mitm_required':
      return 'its requests must be readable';
    case 'mitm_hook_denied':
      return 'no hook matches the request';
    case null:
      return 'the policy';
  }
}
