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
] as const satisfies readonly ClientRequestMethod[];
