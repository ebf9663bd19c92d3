/** Projects that threads can belong to. */
import { dict, i64, list, nullable, nullish, oneOf, optional, struct, text, u32 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { AbsolutePathBuf, SortDirection } from '../common/paths.js';

export const ProjectRoot = struct('ProjectRoot', {
  path: AbsolutePathBuf,
});
export type ProjectRoot = Wire<typeof ProjectRoot>;

export const Project = struct('Project', {
  id: text,
  name: text,
  roots: list(ProjectRoot),
  metadata: dict(text),
  position: i64,
  createdAt: i64,
  updatedAt: i64,
  recencyAt: nullish(i64),
});
export type Project = Wire<typeof Project>;

export const ProjectChangeType = oneOf('ProjectChangeType', ['created', 'updated', 'deleted']);
export type ProjectChangeType = Wire<typeof ProjectChangeType>;

export const ProjectChangedNotification = struct('ProjectChangedNotification', {
  projectId: text,
  changeType: ProjectChangeType,
});
export type ProjectChangedNotification = Wire<typeof ProjectChangedNotification>;

export const ProjectCreateParams = struct('ProjectCreateParams', {
  name: text,
  roots: list(ProjectRoot),
  metadata: optional(dict(text)),
  idempotencyKey: text,
});
export type ProjectCreateParams = Wire<typeof ProjectCreateParams>;

export const ProjectCreateResponse = struct('ProjectCreateResponse', {
  project: Project,
});
export type ProjectCreateResponse = Wire<typeof ProjectCreateResponse>;

export const ProjectDeleteParams = struct('ProjectDeleteParams', {
  projectId: text,
});
export type ProjectDeleteParams = Wire<typeof ProjectDeleteParams>;

export const ProjectDeleteResponse = struct('ProjectDeleteResponse', {});
export type ProjectDeleteResponse = Wire<typeof ProjectDeleteResponse>;

export const ProjectImportParams = struct('ProjectImportParams', {
  name: text,
  roots: list(ProjectRoot),
  metadata: optional(dict(text)),
  threads: optional(list(text)),
  idempotencyKey: text,
});
export type ProjectImportParams = Wire<typeof ProjectImportParams>;

export const ProjectImportResponse = struct('ProjectImportResponse', {
  project: Project,
});
export type ProjectImportResponse = Wire<typeof ProjectImportResponse>;

export const ProjectSortKey = oneOf('ProjectSortKey', ['position', 'recencyAt']);
export type ProjectSortKey = Wire<typeof ProjectSortKey>;

export const ProjectListParams = struct('ProjectListParams', {
  cursor: optional(text),
  limit: optional(u32),
  sortKey: optional(ProjectSortKey),
  sortDirection: optional(SortDirection),
});
export type ProjectListParams = Wire<typeof ProjectListParams>;

export const ProjectListResponse = struct('ProjectListResponse', {
  data: list(Project),
  nextCursor: nullish(text),
});
export type ProjectListResponse = Wire<typeof ProjectListResponse>;

export const ProjectMoveParams = struct('ProjectMoveParams', {
  projectId: text,
  beforeProjectId: optional(text),
});
export type ProjectMoveParams = Wire<typeof ProjectMoveParams>;

export const ProjectMoveResponse = struct('ProjectMoveResponse', {});
export type ProjectMoveResponse = Wire<typeof ProjectMoveResponse>;

export const ProjectReadParams = struct('ProjectReadParams', {
  projectId: text,
});
export type ProjectReadParams = Wire<typeof ProjectReadParams>;

export const ProjectReadResponse = struct('ProjectReadResponse', {
  project: Project,
});
export type ProjectReadResponse = Wire<typeof ProjectReadResponse>;

export const ProjectUpdateParams = struct('ProjectUpdateParams', {
  projectId: text,
  name: optional(text),
  roots: optional(list(ProjectRoot)),
  metadata: optional(dict(text)),
});
export type ProjectUpdateParams = Wire<typeof ProjectUpdateParams>;

export const ProjectUpdateResponse = struct('ProjectUpdateResponse', {
  project: Project,
});
export type ProjectUpdateResponse = Wire<typeof ProjectUpdateResponse>;

export const ThreadProjectUpdatedNotification = struct('ThreadProjectUpdatedNotification', {
  threadId: text,
  projectId: nullable(text),
});
export type ThreadProjectUpdatedNotification = Wire<typeof ThreadProjectUpdatedNotification>;
