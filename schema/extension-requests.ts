/**
 * Requests that codexd adds to the protocol (docs/protocol-extensions.md). Those of operators need a capability. The
 * error that lists the protocol's methods and generated schemas without --experimental do not contain them.
 */
import { NetworkDecisionsListParams, NetworkDecisionsListResponse } from './protocol/approvals/network-decisions.js';
import {
  NetworkRequestApprovalParams,
  NetworkRequestApprovalResolvedNotification,
  NetworkRequestApprovalResponse,
} from './protocol/approvals/network-approval.js';
import { request } from './protocol/common/request.js';
import * as commands from './protocol/operator/commands.js';
import * as overview from './protocol/operator/overview.js';
import * as policy from './protocol/operator/policy-test.js';
import * as prompts from './protocol/operator/prompts.js';
import { ThreadRollbackParams, ThreadRollbackResponse } from './protocol/threads/thread-rollback.js';

// prettier-ignore
export const extensionRequests = {
  'network/decisions/list': request('network-decisions', NetworkDecisionsListParams, NetworkDecisionsListResponse),
  'network/policy/test': request('network-policy-test', policy.NetworkPolicyTestParams, policy.NetworkPolicyTestResponse),
  'console/link': request('operator', overview.ConsoleLinkParams, overview.ConsoleLinkResponse),
  'operator/overview/read': request('operator', overview.OperatorOverviewReadParams, overview.OperatorOverviewReadResponse),
  'operator/connections/list': request('operator', overview.OperatorConnectionsListParams, overview.OperatorConnectionsListResponse),
  'operator/commands/list': request('operator', commands.OperatorCommandsListParams, commands.OperatorCommandsListResponse),
  'operator/commands/tree': request('operator', commands.OperatorCommandsTreeParams, commands.OperatorCommandsTreeResponse),
  'operator/commands/watch': request('operator', commands.OperatorCommandsWatchParams, commands.OperatorCommandsWatchResponse),
  'operator/commands/unwatch': request('operator', commands.OperatorCommandsUnwatchParams, commands.OperatorCommandsUnwatchResponse),
  'operator/commands/write': request('operator', commands.OperatorCommandsWriteParams, commands.OperatorCommandsWriteResponse),
  'operator/commands/resize': request('operator', commands.OperatorCommandsResizeParams, commands.OperatorCommandsResizeResponse),
  'operator/commands/terminate': request('operator', commands.OperatorCommandsTerminateParams, commands.OperatorCommandsTerminateResponse),
  'operator/prompts/list': request('operator', prompts.OperatorPromptsListParams, prompts.OperatorPromptsListResponse),
  'operator/prompts/item': request('operator', prompts.OperatorPromptsItemParams, prompts.OperatorPromptsItemResponse),
  'operator/prompts/answer': request('operator', prompts.OperatorPromptsAnswerParams, prompts.OperatorPromptsAnswerResponse),
  'operator/network/allowForSession': request('operator', policy.OperatorNetworkAllowForSessionParams, policy.OperatorNetworkAllowForSessionResponse),
  'thread/rollback': request('thread-rollback', ThreadRollbackParams, ThreadRollbackResponse),
};

/** Server requests for clients that declare the capability. */
export const extensionServerRequests = {
  'network/requestApproval': request('network-approval', NetworkRequestApprovalParams, NetworkRequestApprovalResponse),
};

/** Notifications for clients that declare the capability. */
export const extensionNotifications = {
  'network/requestApproval/resolved': NetworkRequestApprovalResolvedNotification,
  'operator/commands/changed': commands.OperatorCommandsChangedNotification,
  'operator/commands/output': commands.OperatorCommandsOutputNotification,
  'operator/connections/changed': overview.OperatorConnectionsChangedNotification,
  'operator/network/decided': overview.OperatorNetworkDecidedNotification,
  'operator/prompts/opened': prompts.OperatorPromptsOpenedNotification,
  'operator/prompts/settled': prompts.OperatorPromptsSettledNotification,
  'operator/lagged': overview.OperatorLaggedNotification,
};
