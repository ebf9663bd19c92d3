/**
 * Requests that codexd adds to the protocol (docs/protocol-extensions.md). They need no capability. The error that
 * lists the protocol's methods and generated schemas without --experimental do not contain them.
 */
import { NetworkDecisionsListParams, NetworkDecisionsListResponse } from './protocol/approvals/network-decisions.js';
import {
  NetworkRequestApprovalParams,
  NetworkRequestApprovalResolvedNotification,
  NetworkRequestApprovalResponse,
} from './protocol/approvals/network-approval.js';
import { request } from './protocol/common/request.js';
import { ThreadRollbackParams, ThreadRollbackResponse } from './protocol/threads/thread-rollback.js';

// prettier-ignore
export const extensionRequests = {
  'network/decisions/list': request('network-decisions', NetworkDecisionsListParams, NetworkDecisionsListResponse),
  'thread/rollback': request('thread-rollback', ThreadRollbackParams, ThreadRollbackResponse),
};

/** Server requests for clients that declare the capability. */
export const extensionServerRequests = {
  'network/requestApproval': request('network-approval', NetworkRequestApprovalParams, NetworkRequestApprovalResponse),
};

/** Notifications for clients that declare the capability. */
export const extensionNotifications = {
  'network/requestApproval/resolved': NetworkRequestApprovalResolvedNotification,
};
