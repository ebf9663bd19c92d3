/**
 * Requests that only codexd knows (docs/protocol-extensions.md). They are answered without any capability; the error
 * that lists the protocol's methods leaves them out, and so do generated schemas without --experimental.
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

/** What only a client that declares the capability is asked. */
export const extensionServerRequests = {
  'network/requestApproval': request('network-approval', NetworkRequestApprovalParams, NetworkRequestApprovalResponse),
};

/** What only such a client is told. */
export const extensionNotifications = {
  'network/requestApproval/resolved': NetworkRequestApprovalResolvedNotification,
};
