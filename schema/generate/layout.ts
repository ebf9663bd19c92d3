/**
 * Paths and names of generated files that do not follow from the registry. Clients import by these paths, so they are
 * part of the protocol (docs/protocol/transport.md §12). Types in none of these lists are in v2/.
 */
const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** TypeScript files beside index.ts. */
export const typescriptRoot = words(`
  AbsolutePathBuf AgentMessageInputContent AgentPath ApplyPatchApprovalParams ApplyPatchApprovalResponse
  AuthMode AutoCompactTokenLimitScope ClientInfo CodexResponseHandoffMode CollaborationMode
  ConfigurationReasoning ContentItem ConversationGitInfo ConversationSummary ConversationTextRole
  CoreExecPolicyAmendment CoreNetworkPolicyAmendment CoreNetworkPolicyRuleAction CoreSessionSource
  CoreWebSearchAction ExecCommandApprovalParams ExecCommandApprovalResponse FileChange ForcedLoginMethod
  FunctionCallOutputBody FunctionCallOutputContentItem FuzzyFileSearchMatchType FuzzyFileSearchParams
  FuzzyFileSearchResponse FuzzyFileSearchResult FuzzyFileSearchSessionCompletedNotification
  FuzzyFileSearchSessionStartParams FuzzyFileSearchSessionStartResponse FuzzyFileSearchSessionStopParams
  FuzzyFileSearchSessionStopResponse FuzzyFileSearchSessionUpdateParams FuzzyFileSearchSessionUpdateResponse
  FuzzyFileSearchSessionUpdatedNotification GetAuthStatusParams GetAuthStatusResponse
  GetConversationSummaryParams GetConversationSummaryResponse GitDiffToRemoteParams GitDiffToRemoteResponse
  GitSha GuardianAssessmentOutcome ImageDetail ImageGenerationFailure ImageGenerationInputImage
  ImageGenerationItem InitializeCapabilities InitializeParams InitializeResponse InputModality
  InternalChatMessageMetadataPassthrough InternalSessionSource LegacyAppPathString LocalShellAction
  LocalShellExecAction LocalShellStatus McpServerInfo MessagePhase ModeKind MultiAgentMode ParsedCommand
  PathUri Personality PlanType RealtimeConversationVersion RealtimeOutputModality RealtimeVoice
  RealtimeVoicesList ReasoningEffort ReasoningItemContent ReasoningItemReasoningSummary ReasoningSummary
  RequestId Resource ResourceContent ResourceTemplate ResponseItem ResponseItemId ReviewDecision Settings
  SleepItem SubAgentSource ThreadId ThreadMemoryMode Tool ToolExposureSurface Verbosity WebSearchContextSize
  WebSearchItem WebSearchLocation WebSearchMode WebSearchProvider WebSearchToolConfig
`);

/** Names that two types share in TypeScript, one in the root and one in v2/: our name → the name in the file. */
export const typescriptNames: Readonly<Record<string, string>> = {
  CoreExecPolicyAmendment: 'ExecPolicyAmendment',
  CoreNetworkPolicyAmendment: 'NetworkPolicyAmendment',
  CoreNetworkPolicyRuleAction: 'NetworkPolicyRuleAction',
  CoreSessionSource: 'SessionSource',
  CoreWebSearchAction: 'WebSearchAction',
};

/** Types with a name in JSON Schema that TypeScript writes inline. */
export const typescriptInline = words('ThreadListCwdFilter');

/** JSON Schema definitions beside `v2` in the bundle, not inside it. */
export const jsonRoot = words(`
  AdditionalPermissionProfile ApplyPatchApprovalParams ApplyPatchApprovalResponse AttestationGenerateParams
  AttestationGenerateResponse ChatgptAuthTokensRefreshParams ChatgptAuthTokensRefreshReason
  ChatgptAuthTokensRefreshResponse ClientInfo CommandExecutionApprovalDecision CommandExecutionApprovalKind
  CommandExecutionRequestApprovalParams CommandExecutionRequestApprovalResponse CurrentTimeReadParams
  CurrentTimeReadResponse DynamicToolCallParams DynamicToolCallResponse ExecCommandApprovalParams
  ExecCommandApprovalResponse FileChange FileChangeApprovalDecision FileChangeRequestApprovalParams
  FileChangeRequestApprovalResponse FuzzyFileSearchMatchType FuzzyFileSearchParams FuzzyFileSearchResponse
  FuzzyFileSearchResult FuzzyFileSearchSessionCompletedNotification FuzzyFileSearchSessionStartParams
  FuzzyFileSearchSessionStartResponse FuzzyFileSearchSessionStopParams FuzzyFileSearchSessionStopResponse
  FuzzyFileSearchSessionUpdateParams FuzzyFileSearchSessionUpdateResponse
  FuzzyFileSearchSessionUpdatedNotification GrantedPermissionProfile InitializeCapabilities InitializeParams
  InitializeResponse McpElicitationArrayType McpElicitationBooleanSchema McpElicitationBooleanType
  McpElicitationConstOption McpElicitationEnumSchema McpElicitationLegacyTitledEnumSchema
  McpElicitationMultiSelectEnumSchema McpElicitationNumberSchema McpElicitationNumberType
  McpElicitationObjectType McpElicitationPrimitiveSchema McpElicitationSchema
  McpElicitationSingleSelectEnumSchema McpElicitationStringFormat McpElicitationStringSchema
  McpElicitationStringType McpElicitationTitledEnumItems McpElicitationTitledMultiSelectEnumSchema
  McpElicitationTitledSingleSelectEnumSchema McpElicitationUntitledEnumItems
  McpElicitationUntitledMultiSelectEnumSchema McpElicitationUntitledSingleSelectEnumSchema
  McpServerElicitationAction McpServerElicitationRequestParams McpServerElicitationRequestResponse
  NetworkApprovalContext NetworkApprovalDecision NetworkPolicyAmendment NetworkPolicyRuleAction
  NetworkRequestApprovalParams NetworkRequestApprovalResponse ParsedCommand PermissionGrantScope
  PermissionsRequestApprovalParams PermissionsRequestApprovalResponse RequestId ReviewDecision
  ToolRequestUserInputAnswer ToolRequestUserInputOption ToolRequestUserInputParams ToolRequestUserInputQuestion
  ToolRequestUserInputResponse
`);

/** Names that only JSON Schema has. */
export const jsonNames: Readonly<Record<string, string>> = {
  CoreNetworkPolicyAmendment: 'NetworkPolicyAmendment',
  CoreNetworkPolicyRuleAction: 'NetworkPolicyRuleAction',
  CoreWebSearchAction: 'ResponsesApiWebSearchAction',
};

/** Types with a name in TypeScript that JSON Schema writes inline. */
export const jsonInline = words(`
  BedrockSettingsParams CoreExecPolicyAmendment CustomGatewaySettingsParams DynamicToolFunctionSpec DynamicToolNamespaceSpec
  ExecPolicyAmendment GcpSettingsParams ImageGenerationItem LocalShellExecAction ResponseItemId SleepItem
  WebSearchItem
`);

/** Methods and notifications that exist in TypeScript and not in JSON Schema. */
export const typescriptOnly = words(`
  getConversationSummary gitDiffToRemote getAuthStatus rawResponseItem/completed rawResponse/completed
`);

/** Types with their own file that no method mentions. */
export const extraJsonFiles = ['UserVerificationRpcError', 'ModelProviderError'];
