/** A refused request: what is recorded and told about it. */
import type { DecisionSource, DenialReason } from '../registration/denial.js';
import type { DomainRule } from '../../config/permissions/network-policy.js';
import type { Target } from './targets.js';

export interface Refused {
  readonly allowed: false;
  readonly target: Target;
  readonly reason: DenialReason;
  /** `ask`: a prompt was necessary and nobody could receive it (docs/protocol/network.md §1). */
  readonly decision: 'deny' | 'ask';
  readonly source: DecisionSource;
  /** The deciding rule, as written; null for a miss or an address class. */
  readonly rule: string | null;
  /** Further text for the decision log: the address and its class, or the failure of the lookup. */
  readonly detail: string | null;
  /** The text of a person's refusal, in place of the reason's own sentence. */
  readonly sentence: string | null;
  /** The person wants the command to end, whatever the configuration says about refused requests. */
  readonly endsCommand?: boolean;
}

export const nameOf = ({ name, pattern }: DomainRule): string => name ?? pattern;

export function refuse(
  target: Target,
  reason: DenialReason,
  more: Partial<Pick<Refused, 'decision' | 'source' | 'rule' | 'detail' | 'sentence' | 'endsCommand'>> = {},
): Refused {
  return {
    allowed: false,
    target,
    reason,
    decision: more.decision ?? 'deny',
    source: more.source ?? 'baseline_policy',
    rule: more.rule ?? null,
    detail: more.detail ?? null,
    sentence: more.sentence ?? null,
    endsCommand: more.endsCommand ?? false,
  };
}
