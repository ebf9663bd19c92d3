/** Import of another agent's configuration. */
import {
  bool,
  defaulted,
  i64,
  list,
  nullish,
  omittable,
  oneOf,
  optional,
  path,
  struct,
  text,
  u32,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const CommandMigration = struct('CommandMigration', {
  name: text,
});
export type CommandMigration = Wire<typeof CommandMigration>;

export const ExternalAgentConfigDetectParams = struct('ExternalAgentConfigDetectParams', {
  includeHome: omittable(bool, false),
  cwds: optional(list(path)),
  maxSessionAgeDays: optional(u32),
  maxSessions: optional(u32),
  source: optional(text),
  migrationSource: optional(text),
});
export type ExternalAgentConfigDetectParams = Wire<typeof ExternalAgentConfigDetectParams>;

export const ExternalAgentConfigMigrationItemType = oneOf('ExternalAgentConfigMigrationItemType', [
  'AGENTS_MD',
  'CONFIG',
  'SKILLS',
  'PLUGINS',
  'MCP_SERVER_CONFIG',
  'SUBAGENTS',
  'HOOKS',
  'COMMANDS',
  'MEMORY',
  'SESSIONS',
]);
export type ExternalAgentConfigMigrationItemType = Wire<typeof ExternalAgentConfigMigrationItemType>;

export const PluginsMigration = struct('PluginsMigration', {
  marketplaceName: text,
  pluginNames: list(text),
});
export type PluginsMigration = Wire<typeof PluginsMigration>;

export const SkillMigration = struct('SkillMigration', {
  name: text,
});
export type SkillMigration = Wire<typeof SkillMigration>;

export const SessionMigration = struct('SessionMigration', {
  path: path,
  cwd: path,
  title: nullish(text),
});
export type SessionMigration = Wire<typeof SessionMigration>;

export const McpServerMigration = struct('McpServerMigration', {
  name: text,
});
export type McpServerMigration = Wire<typeof McpServerMigration>;

export const HookMigration = struct('HookMigration', {
  name: text,
});
export type HookMigration = Wire<typeof HookMigration>;

export const SubagentMigration = struct('SubagentMigration', {
  name: text,
});
export type SubagentMigration = Wire<typeof SubagentMigration>;

export const MigrationDetails = struct('MigrationDetails', {
  plugins: defaulted(list(PluginsMigration), []),
  skills: defaulted(list(SkillMigration), []),
  sessions: defaulted(list(SessionMigration), []),
  mcpServers: defaulted(list(McpServerMigration), []),
  hooks: defaulted(list(HookMigration), []),
  subagents: defaulted(list(SubagentMigration), []),
  commands: defaulted(list(CommandMigration), []),
  memory: omittable(list(text), []),
});
export type MigrationDetails = Wire<typeof MigrationDetails>;

export const ExternalAgentConfigMigrationItem = struct('ExternalAgentConfigMigrationItem', {
  itemType: ExternalAgentConfigMigrationItemType,
  description: text,
  cwd: nullish(path),
  details: nullish(MigrationDetails),
});
export type ExternalAgentConfigMigrationItem = Wire<typeof ExternalAgentConfigMigrationItem>;

export const ExternalAgentDetectedConnectorSource = oneOf('ExternalAgentDetectedConnectorSource', [
  'remoteMcpServersConfig',
  'sessionToolUse',
]);
export type ExternalAgentDetectedConnectorSource = Wire<typeof ExternalAgentDetectedConnectorSource>;

export const ExternalAgentDetectedConnectorCandidate = struct('ExternalAgentDetectedConnectorCandidate', {
  name: text,
  sessionCount: u32,
  source: ExternalAgentDetectedConnectorSource,
});
export type ExternalAgentDetectedConnectorCandidate = Wire<typeof ExternalAgentDetectedConnectorCandidate>;

export const ExternalAgentConfigDetectResponse = struct('ExternalAgentConfigDetectResponse', {
  items: list(ExternalAgentConfigMigrationItem),
  connectors: defaulted(list(ExternalAgentDetectedConnectorCandidate), []),
});
export type ExternalAgentConfigDetectResponse = Wire<typeof ExternalAgentConfigDetectResponse>;

export const ExternalAgentConfigImportItemTypeSuccess = struct('ExternalAgentConfigImportItemTypeSuccess', {
  itemType: ExternalAgentConfigMigrationItemType,
  cwd: nullish(text),
  source: nullish(text),
  target: nullish(text),
  title: nullish(text),
});
export type ExternalAgentConfigImportItemTypeSuccess = Wire<typeof ExternalAgentConfigImportItemTypeSuccess>;

export const ExternalAgentConfigImportItemTypeFailure = struct('ExternalAgentConfigImportItemTypeFailure', {
  itemType: ExternalAgentConfigMigrationItemType,
  errorType: nullish(text),
  subErrorType: nullish(text),
  failureStage: text,
  message: text,
  cwd: nullish(path),
  source: nullish(text),
});
export type ExternalAgentConfigImportItemTypeFailure = Wire<typeof ExternalAgentConfigImportItemTypeFailure>;

export const ExternalAgentConfigImportTypeResult = struct('ExternalAgentConfigImportTypeResult', {
  itemType: ExternalAgentConfigMigrationItemType,
  successes: list(ExternalAgentConfigImportItemTypeSuccess),
  failures: list(ExternalAgentConfigImportItemTypeFailure),
});
export type ExternalAgentConfigImportTypeResult = Wire<typeof ExternalAgentConfigImportTypeResult>;

export const ExternalAgentConfigImportCompletedNotification = struct('ExternalAgentConfigImportCompletedNotification', {
  importId: text,
  itemTypeResults: list(ExternalAgentConfigImportTypeResult),
});
export type ExternalAgentConfigImportCompletedNotification = Wire<
  typeof ExternalAgentConfigImportCompletedNotification
>;

export const ExternalAgentConfigImportHistory = struct('ExternalAgentConfigImportHistory', {
  importId: text,
  providerId: nullish(text),
  completedAtMs: i64,
  successes: list(ExternalAgentConfigImportItemTypeSuccess),
  failures: list(ExternalAgentConfigImportItemTypeFailure),
});
export type ExternalAgentConfigImportHistory = Wire<typeof ExternalAgentConfigImportHistory>;

export const ExternalAgentImportedConnectorSource = oneOf('ExternalAgentImportedConnectorSource', [
  'remoteMcpServersConfig',
]);
export type ExternalAgentImportedConnectorSource = Wire<typeof ExternalAgentImportedConnectorSource>;

export const ExternalAgentImportedConnectorCandidate = struct('ExternalAgentImportedConnectorCandidate', {
  name: text,
  sessionCount: u32,
  source: ExternalAgentImportedConnectorSource,
});
export type ExternalAgentImportedConnectorCandidate = Wire<typeof ExternalAgentImportedConnectorCandidate>;

export const ExternalAgentConfigImportHistoriesReadResponse = struct('ExternalAgentConfigImportHistoriesReadResponse', {
  data: list(ExternalAgentConfigImportHistory),
  connectors: list(ExternalAgentImportedConnectorCandidate),
});
export type ExternalAgentConfigImportHistoriesReadResponse = Wire<
  typeof ExternalAgentConfigImportHistoriesReadResponse
>;

export const ExternalAgentConfigImportHistoryRecordSuccessParams = struct(
  'ExternalAgentConfigImportHistoryRecordSuccessParams',
  {
    itemType: ExternalAgentConfigMigrationItemType,
    cwd: nullish(path),
    source: nullish(text),
    target: nullish(text),
    title: optional(text),
  },
);
export type ExternalAgentConfigImportHistoryRecordSuccessParams = Wire<
  typeof ExternalAgentConfigImportHistoryRecordSuccessParams
>;

export const ExternalAgentConfigImportHistoryRecordTypeResultParams = struct(
  'ExternalAgentConfigImportHistoryRecordTypeResultParams',
  {
    itemType: ExternalAgentConfigMigrationItemType,
    successes: list(ExternalAgentConfigImportHistoryRecordSuccessParams),
    failures: list(ExternalAgentConfigImportItemTypeFailure),
  },
);
export type ExternalAgentConfigImportHistoryRecordTypeResultParams = Wire<
  typeof ExternalAgentConfigImportHistoryRecordTypeResultParams
>;

export const ExternalAgentConfigImportHistoryRecordParams = struct('ExternalAgentConfigImportHistoryRecordParams', {
  providerId: text,
  itemTypeResults: list(ExternalAgentConfigImportHistoryRecordTypeResultParams),
});
export type ExternalAgentConfigImportHistoryRecordParams = Wire<typeof ExternalAgentConfigImportHistoryRecordParams>;

export const ExternalAgentConfigImportHistoryRecordResponse = struct('ExternalAgentConfigImportHistoryRecordResponse', {
  importId: text,
});
export type ExternalAgentConfigImportHistoryRecordResponse = Wire<
  typeof ExternalAgentConfigImportHistoryRecordResponse
>;

export const ExternalAgentConfigImportParams = struct('ExternalAgentConfigImportParams', {
  migrationItems: list(ExternalAgentConfigMigrationItem),
  source: optional(text),
  providerId: optional(text),
  migrationSource: optional(text),
});
export type ExternalAgentConfigImportParams = Wire<typeof ExternalAgentConfigImportParams>;

export const ExternalAgentConfigImportProgressNotification = struct('ExternalAgentConfigImportProgressNotification', {
  importId: text,
  itemTypeResults: list(ExternalAgentConfigImportTypeResult),
});
export type ExternalAgentConfigImportProgressNotification = Wire<typeof ExternalAgentConfigImportProgressNotification>;

export const ExternalAgentConfigImportResponse = struct('ExternalAgentConfigImportResponse', {
  importId: text,
});
export type ExternalAgentConfigImportResponse = Wire<typeof ExternalAgentConfigImportResponse>;
