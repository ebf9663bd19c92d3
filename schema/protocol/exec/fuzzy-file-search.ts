/** Finding files by fragments of their names (docs/protocol/services.md). */
import { list, nullish, oneOf, struct, text, u32 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const FuzzyFileSearchMatchType = oneOf('FuzzyFileSearchMatchType', ['file', 'directory']);
export type FuzzyFileSearchMatchType = Wire<typeof FuzzyFileSearchMatchType>;

export const FuzzyFileSearchParams = struct('FuzzyFileSearchParams', {
  query: text,
  roots: list(text),
  cancellationToken: nullish(text),
});
export type FuzzyFileSearchParams = Wire<typeof FuzzyFileSearchParams>;

export const FuzzyFileSearchResult = struct('FuzzyFileSearchResult', {
  root: text,
  path: text,
  match_type: FuzzyFileSearchMatchType,
  file_name: text,
  score: u32,
  indices: nullish(list(u32)),
});
export type FuzzyFileSearchResult = Wire<typeof FuzzyFileSearchResult>;

export const FuzzyFileSearchResponse = struct('FuzzyFileSearchResponse', {
  files: list(FuzzyFileSearchResult),
});
export type FuzzyFileSearchResponse = Wire<typeof FuzzyFileSearchResponse>;

export const FuzzyFileSearchSessionCompletedNotification = struct('FuzzyFileSearchSessionCompletedNotification', {
  sessionId: text,
});
export type FuzzyFileSearchSessionCompletedNotification = Wire<typeof FuzzyFileSearchSessionCompletedNotification>;

export const FuzzyFileSearchSessionStartParams = struct('FuzzyFileSearchSessionStartParams', {
  sessionId: text,
  roots: list(text),
});
export type FuzzyFileSearchSessionStartParams = Wire<typeof FuzzyFileSearchSessionStartParams>;

export const FuzzyFileSearchSessionStartResponse = struct('FuzzyFileSearchSessionStartResponse', {});
export type FuzzyFileSearchSessionStartResponse = Wire<typeof FuzzyFileSearchSessionStartResponse>;

export const FuzzyFileSearchSessionStopParams = struct('FuzzyFileSearchSessionStopParams', {
  sessionId: text,
});
export type FuzzyFileSearchSessionStopParams = Wire<typeof FuzzyFileSearchSessionStopParams>;

export const FuzzyFileSearchSessionStopResponse = struct('FuzzyFileSearchSessionStopResponse', {});
export type FuzzyFileSearchSessionStopResponse = Wire<typeof FuzzyFileSearchSessionStopResponse>;

export const FuzzyFileSearchSessionUpdateParams = struct('FuzzyFileSearchSessionUpdateParams', {
  sessionId: text,
  query: text,
});
export type FuzzyFileSearchSessionUpdateParams = Wire<typeof FuzzyFileSearchSessionUpdateParams>;

export const FuzzyFileSearchSessionUpdateResponse = struct('FuzzyFileSearchSessionUpdateResponse', {});
export type FuzzyFileSearchSessionUpdateResponse = Wire<typeof FuzzyFileSearchSessionUpdateResponse>;

export const FuzzyFileSearchSessionUpdatedNotification = struct('FuzzyFileSearchSessionUpdatedNotification', {
  sessionId: text,
  query: text,
  files: list(FuzzyFileSearchResult),
});
export type FuzzyFileSearchSessionUpdatedNotification = Wire<typeof FuzzyFileSearchSessionUpdatedNotification>;
