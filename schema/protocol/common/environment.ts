/** The environment of a turn that does not run on this machine. */
import { list, nullish, omitted, oneOf, optional, struct, tagged, text, u64 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { LegacyAppPathString, PathUri } from './paths.js';

export const CapabilityRootLocation = tagged('CapabilityRootLocation', 'type', {
  environment: {
    environmentId: text,
    path: PathUri,
  },
});
export type CapabilityRootLocation = Wire<typeof CapabilityRootLocation>;

export const EnvironmentSkillsParams = struct('EnvironmentSkillsParams', {
  required: optional(list(text)),
});
export type EnvironmentSkillsParams = Wire<typeof EnvironmentSkillsParams>;

export const EnvironmentAddParams = struct('EnvironmentAddParams', {
  environmentId: text,
  execServerUrl: text,
  authBearerToken: optional(text),
  websocketRequestId: optional(text),
  connectTimeoutMs: optional(u64),
  skills: optional(EnvironmentSkillsParams),
});
export type EnvironmentAddParams = Wire<typeof EnvironmentAddParams>;

export const EnvironmentAddResponse = struct('EnvironmentAddResponse', {});
export type EnvironmentAddResponse = Wire<typeof EnvironmentAddResponse>;

export const EnvironmentConnectionNotification = struct('EnvironmentConnectionNotification', {
  threadId: text,
  environmentId: text,
});
export type EnvironmentConnectionNotification = Wire<typeof EnvironmentConnectionNotification>;

export const EnvironmentInfoParams = struct('EnvironmentInfoParams', {
  environmentId: text,
});
export type EnvironmentInfoParams = Wire<typeof EnvironmentInfoParams>;

export const EnvironmentShellInfo = struct('EnvironmentShellInfo', {
  name: text,
  path: text,
});
export type EnvironmentShellInfo = Wire<typeof EnvironmentShellInfo>;

export const EnvironmentInfoResponse = struct('EnvironmentInfoResponse', {
  shell: EnvironmentShellInfo,
  cwd: nullish(PathUri),
});
export type EnvironmentInfoResponse = Wire<typeof EnvironmentInfoResponse>;

export const EnvironmentStatusKind = oneOf('EnvironmentStatusKind', ['ready', 'pending', 'disconnected', 'unknown']);
export type EnvironmentStatusKind = Wire<typeof EnvironmentStatusKind>;

export const EnvironmentStatusParams = struct('EnvironmentStatusParams', {
  environmentId: text,
});
export type EnvironmentStatusParams = Wire<typeof EnvironmentStatusParams>;

export const EnvironmentStatusResponse = struct('EnvironmentStatusResponse', {
  status: EnvironmentStatusKind,
  error: omitted(text),
});
export type EnvironmentStatusResponse = Wire<typeof EnvironmentStatusResponse>;

export const SelectedCapabilityRoot = struct('SelectedCapabilityRoot', {
  id: text,
  location: CapabilityRootLocation,
});
export type SelectedCapabilityRoot = Wire<typeof SelectedCapabilityRoot>;

export const ThreadEnvironment = struct('ThreadEnvironment', {
  environmentId: text,
  cwd: LegacyAppPathString,
  runtimeWorkspaceRoots: list(LegacyAppPathString),
});
export type ThreadEnvironment = Wire<typeof ThreadEnvironment>;

export const TurnEnvironmentParams = struct('TurnEnvironmentParams', {
  environmentId: text,
  cwd: LegacyAppPathString,
  runtimeWorkspaceRoots: optional(list(LegacyAppPathString)),
});
export type TurnEnvironmentParams = Wire<typeof TurnEnvironmentParams>;
