/** Hooks around the steps of a turn. */
import {
  bool,
  defaulted,
  dict,
  i64,
  json,
  list,
  nullish,
  omittable,
  oneOf,
  optional,
  path,
  struct,
  tagged,
  text,
  u64,
  usize,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { AbsolutePathBuf, LegacyAppPathString } from '../common/paths.js';

export const ConfiguredHookHandler = tagged('ConfiguredHookHandler', 'type', {
  command: {
    command: text,
    commandWindows: nullish(text),
    timeoutSec: nullish(u64),
    async: bool,
    statusMessage: nullish(text),
    additionalContextLimit: nullish(usize),
  },
  mcp_tool: {
    server: text,
    tool: text,
    input: dict(json),
    timeoutSec: nullish(u64),
    statusMessage: nullish(text),
  },
  prompt: {},
  agent: {},
});
export type ConfiguredHookHandler = Wire<typeof ConfiguredHookHandler>;

export const ConfiguredHookMatcherGroup = struct('ConfiguredHookMatcherGroup', {
  matcher: nullish(text),
  hooks: list(ConfiguredHookHandler),
});
export type ConfiguredHookMatcherGroup = Wire<typeof ConfiguredHookMatcherGroup>;

export const ManagedHooksRequirements = struct('ManagedHooksRequirements', {
  PreModelRequest: defaulted(list(ConfiguredHookMatcherGroup), []),
  PostModelRequest: defaulted(list(ConfiguredHookMatcherGroup), []),
  managedDir: nullish(text),
  windowsManagedDir: nullish(text),
  PreToolUse: list(ConfiguredHookMatcherGroup),
  PermissionRequest: list(ConfiguredHookMatcherGroup),
  PostToolUse: list(ConfiguredHookMatcherGroup),
  PreCompact: list(ConfiguredHookMatcherGroup),
  PostCompact: list(ConfiguredHookMatcherGroup),
  SessionStart: list(ConfiguredHookMatcherGroup),
  SessionEnd: defaulted(list(ConfiguredHookMatcherGroup), []),
  UserPromptSubmit: list(ConfiguredHookMatcherGroup),
  SubagentStart: list(ConfiguredHookMatcherGroup),
  SubagentStop: list(ConfiguredHookMatcherGroup),
  Stop: list(ConfiguredHookMatcherGroup),
  Interrupt: defaulted(list(ConfiguredHookMatcherGroup), []),
});
export type ManagedHooksRequirements = Wire<typeof ManagedHooksRequirements>;

export const HookEventName = oneOf('HookEventName', [
  'preModelRequest',
  'postModelRequest',
  'preToolUse',
  'permissionRequest',
  'postToolUse',
  'preCompact',
  'postCompact',
  'sessionStart',
  'sessionEnd',
  'userPromptSubmit',
  'subagentStart',
  'subagentStop',
  'stop',
  'interrupt',
]);
export type HookEventName = Wire<typeof HookEventName>;

export const HookHandlerType = oneOf('HookHandlerType', ['command', 'mcpTool', 'prompt', 'agent']);
export type HookHandlerType = Wire<typeof HookHandlerType>;

export const HookExecutionMode = oneOf('HookExecutionMode', ['sync', 'async']);
export type HookExecutionMode = Wire<typeof HookExecutionMode>;

export const HookScope = oneOf('HookScope', ['thread', 'turn']);
export type HookScope = Wire<typeof HookScope>;

export const HookSource = oneOf('HookSource', [
  'system',
  'user',
  'project',
  'mdm',
  'sessionFlags',
  'plugin',
  'cloudRequirements',
  'cloudManagedConfig',
  'legacyManagedConfigFile',
  'legacyManagedConfigMdm',
  'unknown',
]);
export type HookSource = Wire<typeof HookSource>;

export const HookRunStatus = oneOf('HookRunStatus', ['running', 'completed', 'failed', 'blocked', 'stopped']);
export type HookRunStatus = Wire<typeof HookRunStatus>;

export const HookOutputEntryKind = oneOf('HookOutputEntryKind', ['warning', 'stop', 'feedback', 'context', 'error']);
export type HookOutputEntryKind = Wire<typeof HookOutputEntryKind>;

export const HookOutputEntry = struct('HookOutputEntry', {
  kind: HookOutputEntryKind,
  text: text,
});
export type HookOutputEntry = Wire<typeof HookOutputEntry>;

export const HookRunSummary = struct('HookRunSummary', {
  id: text,
  eventName: HookEventName,
  handlerType: HookHandlerType,
  executionMode: HookExecutionMode,
  scope: HookScope,
  sourcePath: LegacyAppPathString,
  source: defaulted(HookSource, 'unknown'),
  displayOrder: i64,
  status: HookRunStatus,
  statusMessage: nullish(text),
  startedAt: i64,
  completedAt: nullish(i64),
  durationMs: nullish(i64),
  entries: list(HookOutputEntry),
});
export type HookRunSummary = Wire<typeof HookRunSummary>;

export const HookCompletedNotification = struct('HookCompletedNotification', {
  threadId: text,
  turnId: nullish(text),
  run: HookRunSummary,
});
export type HookCompletedNotification = Wire<typeof HookCompletedNotification>;

export const HookErrorInfo = struct('HookErrorInfo', {
  path: text,
  message: text,
});
export type HookErrorInfo = Wire<typeof HookErrorInfo>;

export const HookTrustStatus = oneOf('HookTrustStatus', ['managed', 'untrusted', 'trusted', 'modified']);
export type HookTrustStatus = Wire<typeof HookTrustStatus>;

export const HookMetadata = struct(
  'HookMetadata',
  {
    key: text,
    eventName: HookEventName,
    matcher: nullish(text),
    timeoutSec: u64,
    statusMessage: nullish(text),
    additionalContextLimit: nullish(usize),
    sourcePath: AbsolutePathBuf,
    source: HookSource,
    pluginId: nullish(text),
    environmentId: nullish(text),
    displayOrder: i64,
    enabled: bool,
    isManaged: bool,
    currentHash: text,
    trustStatus: HookTrustStatus,
  },
  {
    flatten: tagged(null, 'handlerType', {
      command: {
        command: text,
        async: defaulted(bool, false),
      },
      mcpTool: {
        server: text,
        tool: text,
      },
      prompt: {},
      agent: {},
    }),
  },
);
export type HookMetadata = Wire<typeof HookMetadata>;

export const HookStartedNotification = struct('HookStartedNotification', {
  threadId: text,
  turnId: nullish(text),
  run: HookRunSummary,
});
export type HookStartedNotification = Wire<typeof HookStartedNotification>;

export const HooksListEntry = struct('HooksListEntry', {
  cwd: text,
  hooks: list(HookMetadata),
  warnings: list(text),
  errors: list(HookErrorInfo),
});
export type HooksListEntry = Wire<typeof HooksListEntry>;

export const HooksListParams = struct('HooksListParams', {
  cwds: omittable(list(path), []),
  threadId: optional(text),
});
export type HooksListParams = Wire<typeof HooksListParams>;

export const HooksListResponse = struct('HooksListResponse', {
  data: list(HooksListEntry),
});
export type HooksListResponse = Wire<typeof HooksListResponse>;
