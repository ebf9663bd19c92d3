/** Paths and other named strings. */
import { namedText, oneOf, struct, text } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const LegacyAppPathString = namedText('LegacyAppPathString');
export type LegacyAppPathString = Wire<typeof LegacyAppPathString>;

export const RequestHeader = struct('RequestHeader', {
  name: text,
  value: text,
});
export type RequestHeader = Wire<typeof RequestHeader>;

export const PathUri = namedText('PathUri', 'pathUri');
export type PathUri = Wire<typeof PathUri>;

export const AbsolutePathBuf = namedText('AbsolutePathBuf', 'absolutePath');
export type AbsolutePathBuf = Wire<typeof AbsolutePathBuf>;

export const SortDirection = oneOf('SortDirection', ['asc', 'desc']);
export type SortDirection = Wire<typeof SortDirection>;

export const ThreadId = namedText('ThreadId', 'uuid');
export type ThreadId = Wire<typeof ThreadId>;

export const AgentPath = namedText('AgentPath');
export type AgentPath = Wire<typeof AgentPath>;

export const GitSha = namedText('GitSha');
export type GitSha = Wire<typeof GitSha>;
