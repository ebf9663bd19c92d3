/** Every decision about a request, as the log of decisions and the daemon's log receive it. */
import type { Logger } from '../log/log.js';
import type { Answerer } from '../rpc/connection/open-questions.js';
import { createSparse } from '../log/log-sparse.js';
import type { DecisionLog, RecordedDecision } from './audit/decision-log.js';
import type { AccessRequest, Verdict } from './decide/decide.js';
import type { CommandOwner } from './registration/denial.js';
import { ownerFields } from './registration/owner-fields.js';
import type { RegisterOptions } from './registration/registration.js';

export interface DecisionRecordOptions {
  readonly registrationId: string;
  readonly request: Pick<RegisterOptions, 'argv' | 'policy'>;
  readonly decisionLog: Pick<DecisionLog, 'record'>;
  readonly log: Pick<Logger, 'debug' | 'info'>;
}

/** `owner`: for whom the request was made. `answeredBy`: who was asked, and answered. `latencyMs`: to the verdict. */
export type RecordDecision = (
  request: AccessRequest,
  verdict: Verdict,
  about: { readonly owner: CommandOwner; readonly answeredBy: Answerer | null },
  latencyMs: number,
) => RecordedDecision;

/** The daemon's log gets every decision at `debug`; of a command's denials it gets fewer and fewer at `info`. */
export function createDecisionRecord(options: DecisionRecordOptions): RecordDecision {
  const { registrationId, request: command, decisionLog, log } = options;
  const nextDenial = createSparse();
  return ({ protocol, method, target }, verdict, { owner, answeredBy }, latencyMs) => {
    const decision = {
      at: Date.now(),
      registrationId,
      owner,
      program: command.argv[0] ?? null,
      protocol,
      method,
      host: target.host.text,
      port: target.port,
      verdict: verdict.allowed ? ('allow' as const) : ('deny' as const),
      reason: verdict.allowed ? null : verdict.reason,
      rule: verdict.rule,
      source: verdict.source,
      answeredBy,
      detail: verdict.allowed ? null : verdict.detail,
      latencyMs,
      policyRevision: command.policy?.revision ?? '',
    };
    log.debug('network decision', { ...decision });
    const number = verdict.allowed ? null : nextDenial();
    if (number !== null) {
      const { program, host, port, reason, rule, source } = decision;
      const about = { command: registrationId, ...ownerFields(owner), program, protocol, host, port };
      log.info('network request denied', { ...about, reason, rule, source, denials: number });
    }
    return decisionLog.record(decision);
  };
}
