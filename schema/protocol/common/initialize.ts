/** The handshake (docs/protocol/transport.md §2). */
import { bool, defaulted, dict, json, list, nullish, omittable, optional, struct, text } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { AbsolutePathBuf } from './paths.js';

export const ClientInfo = struct('ClientInfo', {
  name: text,
  title: nullish(text),
  version: text,
});
export type ClientInfo = Wire<typeof ClientInfo>;

export const InitializeCapabilities = struct('InitializeCapabilities', {
  requiredHumanApproval: omittable(bool, false),
  explicitGatewayOauth: omittable(bool, false),
  experimentalApi: defaulted(bool, false),
  requestAttestation: defaulted(bool, false),
  mcpServerOpenaiFormElicitation: omittable(bool, false),
  optOutNotificationMethods: optional(list(text)),
  extensions: optional(dict(json)),
});
export type InitializeCapabilities = Wire<typeof InitializeCapabilities>;

export const InitializeParams = struct('InitializeParams', {
  clientInfo: ClientInfo,
  capabilities: nullish(InitializeCapabilities),
});
export type InitializeParams = Wire<typeof InitializeParams>;

export const InitializeResponse = struct('InitializeResponse', {
  userAgent: text,
  codexHome: AbsolutePathBuf,
  platformFamily: text,
  platformOs: text,
});
export type InitializeResponse = Wire<typeof InitializeResponse>;
