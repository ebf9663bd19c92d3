import type { NewDecision } from '../../../server/network-approval/audit/decision-log.js';

/** An allowed request to `host`, with changes. */
export const decision = (host: string, changes: Partial<NewDecision> = {}): NewDecision => ({
  at: 1,
  registrationId: 'r',
  owner: { kind: 'connection', connectionId: 1, requestId: 2, processId: null },
  program: 'curl',
  protocol: 'http',
  method: 'GET',
  host,
  port: 80,
  verdict: 'allow',
  reason: null,
  rule: host,
  source: 'baseline_policy',
  answeredBy: null,
  detail: null,
  latencyMs: 1,
  policyRevision: 'v1',
  ...changes,
});
