/** MCP servers, their tools and resources. */
import {
  anyOf,
  bool,
  dict,
  i64,
  json,
  list,
  nullable,
  nullish,
  omitted,
  oneOf,
  optional,
  struct,
  text,
  u32,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const McpServerStatusDetail = oneOf('McpServerStatusDetail', ['full', 'toolsAndAuthOnly']);
export type McpServerStatusDetail = Wire<typeof McpServerStatusDetail>;

export const ListMcpServerStatusParams = struct('ListMcpServerStatusParams', {
  cursor: optional(text),
  limit: optional(u32),
  detail: optional(McpServerStatusDetail),
  threadId: optional(text),
  serverName: optional(text),
  environmentId: optional(text),
});
export type ListMcpServerStatusParams = Wire<typeof ListMcpServerStatusParams>;

export const McpServerConnectionStatus = oneOf('McpServerConnectionStatus', [
  'notStarted',
  'starting',
  'connected',
  'authenticationRequired',
  'failed',
  'cancelled',
  'disabled',
]);
export type McpServerConnectionStatus = Wire<typeof McpServerConnectionStatus>;

export const McpServerInfo = struct('McpServerInfo', {
  name: text,
  title: nullish(text),
  version: text,
  description: nullish(text),
  icons: nullish(list(json)),
  websiteUrl: nullish(text),
});
export type McpServerInfo = Wire<typeof McpServerInfo>;

export const Tool = struct('Tool', {
  name: text,
  title: omitted(text),
  description: omitted(text),
  inputSchema: json,
  outputSchema: omitted(json),
  annotations: omitted(json),
  icons: omitted(list(json)),
  _meta: omitted(json),
});
export type Tool = Wire<typeof Tool>;

export const Resource = struct('Resource', {
  annotations: omitted(json),
  description: omitted(text),
  mimeType: omitted(text),
  name: text,
  size: omitted(i64),
  title: omitted(text),
  uri: text,
  icons: omitted(list(json)),
  _meta: omitted(json),
});
export type Resource = Wire<typeof Resource>;

export const ResourceTemplate = struct('ResourceTemplate', {
  annotations: omitted(json),
  uriTemplate: text,
  name: text,
  title: omitted(text),
  description: omitted(text),
  mimeType: omitted(text),
});
export type ResourceTemplate = Wire<typeof ResourceTemplate>;

export const McpAuthStatus = oneOf('McpAuthStatus', ['unknown', 'unsupported', 'notLoggedIn', 'bearerToken', 'oAuth']);
export type McpAuthStatus = Wire<typeof McpAuthStatus>;

export const McpServerStatus = struct('McpServerStatus', {
  name: text,
  environmentId: nullish(text),
  runtimeStatus: nullish(McpServerConnectionStatus),
  pluginId: nullish(text),
  httpOrigin: nullish(text),
  serverInfo: nullish(McpServerInfo),
  serverCapabilities: nullish(json),
  toolListMeta: nullish(json),
  tools: dict(Tool),
  toolsError: nullish(text),
  resources: list(Resource),
  resourceTemplates: list(ResourceTemplate),
  authStatus: McpAuthStatus,
});
export type McpServerStatus = Wire<typeof McpServerStatus>;

export const ListMcpServerStatusResponse = struct('ListMcpServerStatusResponse', {
  data: list(McpServerStatus),
  nextCursor: nullish(text),
});
export type ListMcpServerStatusResponse = Wire<typeof ListMcpServerStatusResponse>;

export const McpResourceReadTarget = struct('McpResourceReadTarget', {
  connectorId: text,
  linkId: nullable(text),
});
export type McpResourceReadTarget = Wire<typeof McpResourceReadTarget>;

export const McpResourceReadParams = struct('McpResourceReadParams', {
  _meta: optional(dict(json)),
  threadId: optional(text),
  originCallId: optional(text),
  server: text,
  environmentId: optional(text),
  uri: text,
  connectorId: optional(text),
  target: optional(McpResourceReadTarget),
});
export type McpResourceReadParams = Wire<typeof McpResourceReadParams>;

export const ResourceContent = anyOf('ResourceContent', [
  struct(null, {
    uri: text,
    mimeType: omitted(text),
    text: text,
    _meta: omitted(json),
  }),
  struct(null, {
    uri: text,
    mimeType: omitted(text),
    blob: text,
    _meta: omitted(json),
  }),
]);
export type ResourceContent = Wire<typeof ResourceContent>;

export const McpResourceReadResponse = struct('McpResourceReadResponse', {
  contents: list(ResourceContent),
  originCallId: nullish(text),
});
export type McpResourceReadResponse = Wire<typeof McpResourceReadResponse>;

export const McpServerEventNotification = struct('McpServerEventNotification', {
  method: text,
  params: json,
});
export type McpServerEventNotification = Wire<typeof McpServerEventNotification>;

export const McpServerEventStreamNotification = struct('McpServerEventStreamNotification', {
  subscriptionId: text,
  notification: McpServerEventNotification,
});
export type McpServerEventStreamNotification = Wire<typeof McpServerEventStreamNotification>;

export const McpServerEventStreamStartParams = struct('McpServerEventStreamStartParams', {
  threadId: text,
  server: text,
  subscriptionId: text,
  name: text,
  arguments: json,
  _meta: optional(json),
});
export type McpServerEventStreamStartParams = Wire<typeof McpServerEventStreamStartParams>;

export const McpServerEventStreamStartResponse = struct('McpServerEventStreamStartResponse', {});
export type McpServerEventStreamStartResponse = Wire<typeof McpServerEventStreamStartResponse>;

export const McpServerEventStreamStopParams = struct('McpServerEventStreamStopParams', {
  subscriptionId: text,
});
export type McpServerEventStreamStopParams = Wire<typeof McpServerEventStreamStopParams>;

export const McpServerEventStreamStopResponse = struct('McpServerEventStreamStopResponse', {});
export type McpServerEventStreamStopResponse = Wire<typeof McpServerEventStreamStopResponse>;

export const McpServerOauthClientRegistration = oneOf('McpServerOauthClientRegistration', ['auto', 'cimd', 'dcr']);
export type McpServerOauthClientRegistration = Wire<typeof McpServerOauthClientRegistration>;

export const McpServerOauthLoginCompletedNotification = struct('McpServerOauthLoginCompletedNotification', {
  name: text,
  threadId: nullish(text),
  loginId: optional(text),
  success: bool,
  error: omitted(text),
});
export type McpServerOauthLoginCompletedNotification = Wire<typeof McpServerOauthLoginCompletedNotification>;

export const McpServerOauthLoginParams = struct('McpServerOauthLoginParams', {
  name: text,
  environmentId: optional(text),
  threadId: optional(text),
  clientRegistration: optional(McpServerOauthClientRegistration),
  scopes: optional(list(text)),
  timeoutSecs: optional(i64),
});
export type McpServerOauthLoginParams = Wire<typeof McpServerOauthLoginParams>;

export const McpServerOauthLoginResponse = struct('McpServerOauthLoginResponse', {
  authorizationUrl: text,
  loginId: omitted(text),
});
export type McpServerOauthLoginResponse = Wire<typeof McpServerOauthLoginResponse>;

export const McpServerRefreshResponse = struct('McpServerRefreshResponse', {});
export type McpServerRefreshResponse = Wire<typeof McpServerRefreshResponse>;

export const McpServerStartupFailureReason = oneOf('McpServerStartupFailureReason', ['reauthenticationRequired']);
export type McpServerStartupFailureReason = Wire<typeof McpServerStartupFailureReason>;

export const McpServerStartupState = oneOf('McpServerStartupState', ['starting', 'ready', 'failed', 'cancelled']);
export type McpServerStartupState = Wire<typeof McpServerStartupState>;

export const McpServerStatusUpdatedNotification = struct('McpServerStatusUpdatedNotification', {
  threadId: nullish(text),
  name: text,
  environmentId: nullish(text),
  status: McpServerStartupState,
  error: nullish(text),
  failureReason: nullish(McpServerStartupFailureReason),
});
export type McpServerStatusUpdatedNotification = Wire<typeof McpServerStatusUpdatedNotification>;

export const McpServerToolCallParams = struct('McpServerToolCallParams', {
  threadId: text,
  server: text,
  environmentId: optional(text),
  tool: text,
  arguments: omitted(json),
  _meta: omitted(json),
});
export type McpServerToolCallParams = Wire<typeof McpServerToolCallParams>;

export const McpServerToolCallResponse = struct('McpServerToolCallResponse', {
  content: list(json),
  structuredContent: omitted(json),
  isError: omitted(bool),
  _meta: omitted(json),
});
export type McpServerToolCallResponse = Wire<typeof McpServerToolCallResponse>;
