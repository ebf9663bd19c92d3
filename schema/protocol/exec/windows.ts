/** The sandbox on Windows. */
import { bool, list, nullish, oneOf, optional, struct, text, usize } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { AbsolutePathBuf } from '../common/paths.js';

export const WindowsSandboxImplementation = oneOf('WindowsSandboxImplementation', ['elevated', 'unelevated', 'mxc']);
export type WindowsSandboxImplementation = Wire<typeof WindowsSandboxImplementation>;

export const WindowsSandboxReadiness = oneOf('WindowsSandboxReadiness', ['ready', 'notConfigured', 'updateRequired']);
export type WindowsSandboxReadiness = Wire<typeof WindowsSandboxReadiness>;

export const WindowsSandboxReadinessResponse = struct('WindowsSandboxReadinessResponse', {
  status: WindowsSandboxReadiness,
});
export type WindowsSandboxReadinessResponse = Wire<typeof WindowsSandboxReadinessResponse>;

export const WindowsSandboxSetupMode = oneOf('WindowsSandboxSetupMode', ['elevated', 'unelevated']);
export type WindowsSandboxSetupMode = Wire<typeof WindowsSandboxSetupMode>;

export const WindowsSandboxSetupCompletedNotification = struct('WindowsSandboxSetupCompletedNotification', {
  mode: WindowsSandboxSetupMode,
  success: bool,
  error: nullish(text),
});
export type WindowsSandboxSetupCompletedNotification = Wire<typeof WindowsSandboxSetupCompletedNotification>;

export const WindowsSandboxSetupStartParams = struct('WindowsSandboxSetupStartParams', {
  mode: WindowsSandboxSetupMode,
  cwd: optional(AbsolutePathBuf),
});
export type WindowsSandboxSetupStartParams = Wire<typeof WindowsSandboxSetupStartParams>;

export const WindowsSandboxSetupStartResponse = struct('WindowsSandboxSetupStartResponse', {
  started: bool,
});
export type WindowsSandboxSetupStartResponse = Wire<typeof WindowsSandboxSetupStartResponse>;

export const WindowsWorldWritableWarningNotification = struct('WindowsWorldWritableWarningNotification', {
  samplePaths: list(text),
  extraCount: usize,
  failedScan: bool,
});
export type WindowsWorldWritableWarningNotification = Wire<typeof WindowsWorldWritableWarningNotification>;
