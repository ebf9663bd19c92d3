/** fs/*: files for clients (docs/protocol/services.md). */
import { bool, i64, list, omittable, optional, struct, text } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { AbsolutePathBuf } from '../common/paths.js';

export const FsChangedNotification = struct('FsChangedNotification', {
  watchId: text,
  changedPaths: list(AbsolutePathBuf),
});
export type FsChangedNotification = Wire<typeof FsChangedNotification>;

export const FsCopyParams = struct('FsCopyParams', {
  sourcePath: AbsolutePathBuf,
  destinationPath: AbsolutePathBuf,
  recursive: omittable(bool, false),
});
export type FsCopyParams = Wire<typeof FsCopyParams>;

export const FsCopyResponse = struct('FsCopyResponse', {});
export type FsCopyResponse = Wire<typeof FsCopyResponse>;

export const FsCreateDirectoryParams = struct('FsCreateDirectoryParams', {
  path: AbsolutePathBuf,
  recursive: optional(bool),
});
export type FsCreateDirectoryParams = Wire<typeof FsCreateDirectoryParams>;

export const FsCreateDirectoryResponse = struct('FsCreateDirectoryResponse', {});
export type FsCreateDirectoryResponse = Wire<typeof FsCreateDirectoryResponse>;

export const FsGetMetadataParams = struct('FsGetMetadataParams', {
  path: AbsolutePathBuf,
});
export type FsGetMetadataParams = Wire<typeof FsGetMetadataParams>;

export const FsGetMetadataResponse = struct('FsGetMetadataResponse', {
  isDirectory: bool,
  isFile: bool,
  isSymlink: bool,
  createdAtMs: i64,
  modifiedAtMs: i64,
});
export type FsGetMetadataResponse = Wire<typeof FsGetMetadataResponse>;

export const FsReadDirectoryEntry = struct('FsReadDirectoryEntry', {
  fileName: text,
  isDirectory: bool,
  isFile: bool,
});
export type FsReadDirectoryEntry = Wire<typeof FsReadDirectoryEntry>;

export const FsReadDirectoryParams = struct('FsReadDirectoryParams', {
  path: AbsolutePathBuf,
});
export type FsReadDirectoryParams = Wire<typeof FsReadDirectoryParams>;

export const FsReadDirectoryResponse = struct('FsReadDirectoryResponse', {
  entries: list(FsReadDirectoryEntry),
});
export type FsReadDirectoryResponse = Wire<typeof FsReadDirectoryResponse>;

export const FsReadFileParams = struct('FsReadFileParams', {
  path: AbsolutePathBuf,
});
export type FsReadFileParams = Wire<typeof FsReadFileParams>;

export const FsReadFileResponse = struct('FsReadFileResponse', {
  dataBase64: text,
});
export type FsReadFileResponse = Wire<typeof FsReadFileResponse>;

export const FsRemoveParams = struct('FsRemoveParams', {
  path: AbsolutePathBuf,
  recursive: optional(bool),
  force: optional(bool),
});
export type FsRemoveParams = Wire<typeof FsRemoveParams>;

export const FsRemoveResponse = struct('FsRemoveResponse', {});
export type FsRemoveResponse = Wire<typeof FsRemoveResponse>;

export const FsUnwatchParams = struct('FsUnwatchParams', {
  watchId: text,
});
export type FsUnwatchParams = Wire<typeof FsUnwatchParams>;

export const FsUnwatchResponse = struct('FsUnwatchResponse', {});
export type FsUnwatchResponse = Wire<typeof FsUnwatchResponse>;

export const FsWatchParams = struct('FsWatchParams', {
  watchId: text,
  path: AbsolutePathBuf,
});
export type FsWatchParams = Wire<typeof FsWatchParams>;

export const FsWatchResponse = struct('FsWatchResponse', {
  path: AbsolutePathBuf,
});
export type FsWatchResponse = Wire<typeof FsWatchResponse>;

export const FsWriteFileParams = struct('FsWriteFileParams', {
  path: AbsolutePathBuf,
  dataBase64: text,
});
export type FsWriteFileParams = Wire<typeof FsWriteFileParams>;

export const FsWriteFileResponse = struct('FsWriteFileResponse', {});
export type FsWriteFileResponse = Wire<typeof FsWriteFileResponse>;
