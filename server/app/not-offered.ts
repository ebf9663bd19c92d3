import type { ClientRequestMethod } from '../../schema/registry.js';

/**
 * Methods of the protocol that codexd knows and does not offer (docs/protocol-extensions.md): their params are checked
 * like those of every other method, then the router answers -32601, `<method> is not supported by codexd yet`
 * (rpc/connection/router.ts).
 */
export const NOT_OFFERED = [
  'thread/prediction/request',
  'thread/approveGuardianDeniedAction',
  'thread/guardianReview',
  'network/policy/test',
  'operator/overview/read',
  'operator/connections/list',
  'operator/commands/list',
  'operator/commands/tree',
  'operator/commands/watch',
  'operator/commands/unwatch',
  'operator/commands/write',
  'operator/commands/resize',
  'operator/commands/terminate',
  'operator/prompts/list',
  'operator/prompts/answer',
] as const satisfies readonly ClientRequestMethod[];
