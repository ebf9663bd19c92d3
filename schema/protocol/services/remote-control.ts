/** Remote control of this server from another machine. */
import { bool, i64, list, nullish, omittable, oneOf, optional, struct, text, u32 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const RemoteControlClient = struct('RemoteControlClient', {
  clientId: text,
  displayName: nullish(text),
  deviceType: nullish(text),
  platform: nullish(text),
  osVersion: nullish(text),
  deviceModel: nullish(text),
  appVersion: nullish(text),
  lastSeenAt: nullish(i64),
});
export type RemoteControlClient = Wire<typeof RemoteControlClient>;

export const RemoteControlClientsListOrder = oneOf('RemoteControlClientsListOrder', ['asc', 'desc']);
export type RemoteControlClientsListOrder = Wire<typeof RemoteControlClientsListOrder>;

export const RemoteControlClientsListParams = struct('RemoteControlClientsListParams', {
  environmentId: text,
  cursor: optional(text),
  limit: optional(u32),
  order: optional(RemoteControlClientsListOrder),
});
export type RemoteControlClientsListParams = Wire<typeof RemoteControlClientsListParams>;

export const RemoteControlClientsListResponse = struct('RemoteControlClientsListResponse', {
  data: list(RemoteControlClient),
  nextCursor: nullish(text),
});
export type RemoteControlClientsListResponse = Wire<typeof RemoteControlClientsListResponse>;

export const RemoteControlClientsRevokeParams = struct('RemoteControlClientsRevokeParams', {
  environmentId: text,
  clientId: text,
});
export type RemoteControlClientsRevokeParams = Wire<typeof RemoteControlClientsRevokeParams>;

export const RemoteControlClientsRevokeResponse = struct('RemoteControlClientsRevokeResponse', {});
export type RemoteControlClientsRevokeResponse = Wire<typeof RemoteControlClientsRevokeResponse>;

export const RemoteControlConnectionStatus = oneOf('RemoteControlConnectionStatus', [
  'disabled',
  'connecting',
  'connected',
  'errored',
]);
export type RemoteControlConnectionStatus = Wire<typeof RemoteControlConnectionStatus>;

export const RemoteControlDisableParams = struct('RemoteControlDisableParams', {
  ephemeral: omittable(bool, false),
});
export type RemoteControlDisableParams = Wire<typeof RemoteControlDisableParams>;

export const RemoteControlDisableResponse = struct('RemoteControlDisableResponse', {
  status: RemoteControlConnectionStatus,
  serverName: text,
  installationId: text,
  environmentId: nullish(text),
});
export type RemoteControlDisableResponse = Wire<typeof RemoteControlDisableResponse>;

export const RemoteControlEnableParams = struct('RemoteControlEnableParams', {
  ephemeral: omittable(bool, false),
});
export type RemoteControlEnableParams = Wire<typeof RemoteControlEnableParams>;

export const RemoteControlEnableResponse = struct('RemoteControlEnableResponse', {
  status: RemoteControlConnectionStatus,
  serverName: text,
  installationId: text,
  environmentId: nullish(text),
});
export type RemoteControlEnableResponse = Wire<typeof RemoteControlEnableResponse>;

export const RemoteControlPairingStartParams = struct('RemoteControlPairingStartParams', {
  manualCode: omittable(bool, false),
});
export type RemoteControlPairingStartParams = Wire<typeof RemoteControlPairingStartParams>;

export const RemoteControlPairingStartResponse = struct('RemoteControlPairingStartResponse', {
  pairingCode: text,
  manualPairingCode: nullish(text),
  environmentId: text,
  expiresAt: i64,
});
export type RemoteControlPairingStartResponse = Wire<typeof RemoteControlPairingStartResponse>;

export const RemoteControlPairingStatusParams = struct('RemoteControlPairingStatusParams', {
  pairingCode: optional(text),
  manualPairingCode: optional(text),
});
export type RemoteControlPairingStatusParams = Wire<typeof RemoteControlPairingStatusParams>;

export const RemoteControlPairingStatusResponse = struct('RemoteControlPairingStatusResponse', {
  claimed: bool,
});
export type RemoteControlPairingStatusResponse = Wire<typeof RemoteControlPairingStatusResponse>;

export const RemoteControlStatusChangedNotification = struct('RemoteControlStatusChangedNotification', {
  status: RemoteControlConnectionStatus,
  serverName: text,
  installationId: text,
  environmentId: nullish(text),
});
export type RemoteControlStatusChangedNotification = Wire<typeof RemoteControlStatusChangedNotification>;

export const RemoteControlStatusReadResponse = struct('RemoteControlStatusReadResponse', {
  status: RemoteControlConnectionStatus,
  serverName: text,
  installationId: text,
  environmentId: nullish(text),
});
export type RemoteControlStatusReadResponse = Wire<typeof RemoteControlStatusReadResponse>;
