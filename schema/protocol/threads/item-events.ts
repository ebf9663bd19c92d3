/** Notifications while an item grows. */
import { i64, json, list, nullish, optional, struct, text, u64 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { FileUpdateChange, ThreadItem } from './item.js';
import { ResponseItem } from './response-item.js';
import { TokenUsageBreakdown } from './thread-usage.js';

export const AgentMessageDeltaNotification = struct('AgentMessageDeltaNotification', {
  threadId: text,
  turnId: text,
  itemId: text,
  delta: text,
});
export type AgentMessageDeltaNotification = Wire<typeof AgentMessageDeltaNotification>;

export const CommandExecutionOutputDeltaNotification = struct('CommandExecutionOutputDeltaNotification', {
  threadId: text,
  turnId: text,
  itemId: text,
  delta: text,
});
export type CommandExecutionOutputDeltaNotification = Wire<typeof CommandExecutionOutputDeltaNotification>;

export const FileChangeOutputDeltaNotification = struct('FileChangeOutputDeltaNotification', {
  threadId: text,
  turnId: text,
  itemId: text,
  delta: text,
});
export type FileChangeOutputDeltaNotification = Wire<typeof FileChangeOutputDeltaNotification>;

export const FileChangePatchUpdatedNotification = struct('FileChangePatchUpdatedNotification', {
  threadId: text,
  turnId: text,
  itemId: text,
  changes: list(FileUpdateChange),
});
export type FileChangePatchUpdatedNotification = Wire<typeof FileChangePatchUpdatedNotification>;

export const ItemCompletedNotification = struct('ItemCompletedNotification', {
  item: ThreadItem,
  threadId: text,
  turnId: text,
  contentTokenCount: optional(u64),
  completedAtMs: i64,
});
export type ItemCompletedNotification = Wire<typeof ItemCompletedNotification>;

export const ItemStartedNotification = struct('ItemStartedNotification', {
  item: ThreadItem,
  threadId: text,
  turnId: text,
  startedAtMs: i64,
});
export type ItemStartedNotification = Wire<typeof ItemStartedNotification>;

export const PlanDeltaNotification = struct('PlanDeltaNotification', {
  threadId: text,
  turnId: text,
  itemId: text,
  delta: text,
});
export type PlanDeltaNotification = Wire<typeof PlanDeltaNotification>;

export const ResponseUsageMetadata = struct('ResponseUsageMetadata', {
  amount: nullish(text),
  metadata: nullish(json),
});
export type ResponseUsageMetadata = Wire<typeof ResponseUsageMetadata>;

export const RawResponseCompletedNotification = struct('RawResponseCompletedNotification', {
  threadId: text,
  turnId: text,
  responseId: text,
  usage: nullish(TokenUsageBreakdown),
  usageMetadata: nullish(ResponseUsageMetadata),
});
export type RawResponseCompletedNotification = Wire<typeof RawResponseCompletedNotification>;

export const RawResponseItemCompletedNotification = struct('RawResponseItemCompletedNotification', {
  threadId: text,
  turnId: text,
  item: ResponseItem,
});
export type RawResponseItemCompletedNotification = Wire<typeof RawResponseItemCompletedNotification>;

export const ReasoningSummaryPartAddedNotification = struct('ReasoningSummaryPartAddedNotification', {
  threadId: text,
  turnId: text,
  itemId: text,
  summaryIndex: i64,
});
export type ReasoningSummaryPartAddedNotification = Wire<typeof ReasoningSummaryPartAddedNotification>;

export const ReasoningSummaryTextDeltaNotification = struct('ReasoningSummaryTextDeltaNotification', {
  threadId: text,
  turnId: text,
  itemId: text,
  delta: text,
  summaryIndex: i64,
});
export type ReasoningSummaryTextDeltaNotification = Wire<typeof ReasoningSummaryTextDeltaNotification>;

export const ReasoningTextDeltaNotification = struct('ReasoningTextDeltaNotification', {
  threadId: text,
  turnId: text,
  itemId: text,
  delta: text,
  contentIndex: i64,
});
export type ReasoningTextDeltaNotification = Wire<typeof ReasoningTextDeltaNotification>;

export const TerminalInteractionNotification = struct('TerminalInteractionNotification', {
  threadId: text,
  turnId: text,
  itemId: text,
  processId: text,
  stdin: text,
});
export type TerminalInteractionNotification = Wire<typeof TerminalInteractionNotification>;
