import { gatedRequest, request } from './protocol/common/request.js';
import * as approval from './protocol/approvals/approval.js';
import * as elicitation from './protocol/approvals/elicitation.js';
import { ExtendedCommandExecutionRequestApprovalParams } from './protocol/approvals/extensions.js';
import * as legacy from './protocol/services/legacy.js';

/** Every request that the server may send to a client. */
// prettier-ignore
export const serverRequests = {
  'item/commandExecution/requestApproval': request('approval', ExtendedCommandExecutionRequestApprovalParams, approval.CommandExecutionRequestApprovalResponse),
  'item/fileChange/requestApproval': request('approval', approval.FileChangeRequestApprovalParams, approval.FileChangeRequestApprovalResponse),
  'item/tool/requestUserInput': request('approval', approval.ToolRequestUserInputParams, approval.ToolRequestUserInputResponse),
  'mcpServer/elicitation/request': request('elicitation', elicitation.McpServerElicitationRequestParams, elicitation.McpServerElicitationRequestResponse),
  'item/permissions/requestApproval': request('approval', approval.PermissionsRequestApprovalParams, approval.PermissionsRequestApprovalResponse),
  'item/tool/call': request('approval', approval.DynamicToolCallParams, approval.DynamicToolCallResponse),
  'account/chatgptAuthTokens/refresh': request('approval', approval.ChatgptAuthTokensRefreshParams, approval.ChatgptAuthTokensRefreshResponse),
  'attestation/generate': request('approval', approval.AttestationGenerateParams, approval.AttestationGenerateResponse),
  'currentTime/read': gatedRequest('approval', approval.CurrentTimeReadParams, approval.CurrentTimeReadResponse),
  'applyPatchApproval': request('legacy', legacy.ApplyPatchApprovalParams, legacy.ApplyPatchApprovalResponse),
  'execCommandApproval': request('legacy', legacy.ExecCommandApprovalParams, legacy.ExecCommandApprovalResponse),
} as const;
