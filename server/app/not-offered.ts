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
  'thread/prepareApprovedPlan',
  'marketplace/add',
  'plugin/search',
  'plugin/reconcile',
  'plugin/read',
  'plugin/skill/read',
  'plugin/share/save',
  'plugin/share/updateTargets',
  'plugin/share/list',
  'plugin/share/checkout',
  'plugin/share/delete',
  'plugin/install',
  'plugin/uninstall',
  'environment/add',
  'environment/info',
  'environment/status',
] as const satisfies readonly ClientRequestMethod[];
