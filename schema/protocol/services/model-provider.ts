/** Providers of models, and their logins. */
import { bool, list, nullish, omittable, oneOf, optional, struct, tagged, text } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const DesktopOnboardingEntrypoint = oneOf('DesktopOnboardingEntrypoint', ['life_sciences']);
export type DesktopOnboardingEntrypoint = Wire<typeof DesktopOnboardingEntrypoint>;

export const AuthRecoveryNotification = struct('AuthRecoveryNotification', {
  threadId: text,
  turnId: text,
  provider: text,
  message: text,
});
export type AuthRecoveryNotification = Wire<typeof AuthRecoveryNotification>;

export const AwsCredentialType = oneOf('AwsCredentialType', ['accessKeys', 'bedrockApiKey']);
export type AwsCredentialType = Wire<typeof AwsCredentialType>;

export const BedrockAwsProfile = struct('BedrockAwsProfile', {
  name: text,
  region: nullish(text),
});
export type BedrockAwsProfile = Wire<typeof BedrockAwsProfile>;

export const BedrockCheckGovCloudRequirementsParams = struct('BedrockCheckGovCloudRequirementsParams', {});
export type BedrockCheckGovCloudRequirementsParams = Wire<typeof BedrockCheckGovCloudRequirementsParams>;

export const BedrockCheckGovCloudRequirementsResponse = struct('BedrockCheckGovCloudRequirementsResponse', {
  isGovCloud: bool,
  shouldWarn: bool,
});
export type BedrockCheckGovCloudRequirementsResponse = Wire<typeof BedrockCheckGovCloudRequirementsResponse>;

export const BedrockDiscoverParams = struct('BedrockDiscoverParams', {});
export type BedrockDiscoverParams = Wire<typeof BedrockDiscoverParams>;

export const BedrockEnvironmentCredential = struct('BedrockEnvironmentCredential', {
  type: AwsCredentialType,
  region: nullish(text),
});
export type BedrockEnvironmentCredential = Wire<typeof BedrockEnvironmentCredential>;

export const BedrockDiscoverResponse = struct('BedrockDiscoverResponse', {
  profiles: list(BedrockAwsProfile),
  environmentCredentials: list(BedrockEnvironmentCredential),
});
export type BedrockDiscoverResponse = Wire<typeof BedrockDiscoverResponse>;

export const BedrockProviderId = oneOf('BedrockProviderId', ['amazon-bedrock', 'amazon-bedrock-runtime']);
export type BedrockProviderId = Wire<typeof BedrockProviderId>;

export const BedrockSettingsParams = struct(
  'BedrockSettingsParams',
  {
    providerId: BedrockProviderId,
    profile: optional(text),
    region: optional(text),
  },
  { strict: true },
);
export type BedrockSettingsParams = Wire<typeof BedrockSettingsParams>;

export const BedrockSetupParams = tagged('BedrockSetupParams', 'type', {
  profile: {
    profile: text,
    region: text,
  },
  environment: {
    region: text,
  },
});
export type BedrockSetupParams = Wire<typeof BedrockSetupParams>;

export const BedrockSetupResponse = struct('BedrockSetupResponse', {});
export type BedrockSetupResponse = Wire<typeof BedrockSetupResponse>;

export const CustomGatewaySettingsParams = struct(
  'CustomGatewaySettingsParams',
  {
    providerId: optional(text),
    name: omittable(text, undefined),
    baseUrl: optional(text),
    envKey: optional(text),
  },
  { strict: true },
);
export type CustomGatewaySettingsParams = Wire<typeof CustomGatewaySettingsParams>;

export const GatewayAuth = tagged('GatewayAuth', 'mode', {
  none: {},
  environmentVariable: {
    envKey: text,
  },
  externallyConfigured: {
    envKey: nullish(text),
  },
});
export type GatewayAuth = Wire<typeof GatewayAuth>;

export const GatewayOAuthCancelResponse = struct('GatewayOAuthCancelResponse', {});
export type GatewayOAuthCancelResponse = Wire<typeof GatewayOAuthCancelResponse>;

export const GatewayOAuthStatus = oneOf('GatewayOAuthStatus', ['notReady', 'started', 'succeeded', 'failed']);
export type GatewayOAuthStatus = Wire<typeof GatewayOAuthStatus>;

export const GatewayOAuthChangedNotification = struct('GatewayOAuthChangedNotification', {
  loginId: nullish(text),
  authUrl: nullish(text),
  providerId: text,
  status: GatewayOAuthStatus,
  error: nullish(text),
});
export type GatewayOAuthChangedNotification = Wire<typeof GatewayOAuthChangedNotification>;

export const GatewayOAuthLoginParams = struct('GatewayOAuthLoginParams', {
  modelProvider: optional(text),
  deviceAuth: omittable(bool, false),
});
export type GatewayOAuthLoginParams = Wire<typeof GatewayOAuthLoginParams>;

export const GatewayOAuthPrompt = struct('GatewayOAuthPrompt', {
  loginId: text,
  verificationUrl: text,
  userCode: text,
});
export type GatewayOAuthPrompt = Wire<typeof GatewayOAuthPrompt>;

export const GatewayOAuthLoginResponse = struct('GatewayOAuthLoginResponse', {
  prompt: nullish(GatewayOAuthPrompt),
});
export type GatewayOAuthLoginResponse = Wire<typeof GatewayOAuthLoginResponse>;

export const GatewayOAuthReadParams = struct('GatewayOAuthReadParams', {
  modelProvider: optional(text),
});
export type GatewayOAuthReadParams = Wire<typeof GatewayOAuthReadParams>;

export const GatewayOAuthReadResponse = struct('GatewayOAuthReadResponse', {
  providerId: text,
  providerName: text,
  required: bool,
  supportsDeviceAuth: omittable(bool, false),
  status: nullish(GatewayOAuthStatus),
  error: nullish(text),
});
export type GatewayOAuthReadResponse = Wire<typeof GatewayOAuthReadResponse>;

export const GcpProviderId = oneOf('GcpProviderId', ['gcp']);
export type GcpProviderId = Wire<typeof GcpProviderId>;

export const GcpSettingsParams = struct(
  'GcpSettingsParams',
  {
    providerId: GcpProviderId,
    projectId: optional(text),
    location: optional(text),
    credentialFile: optional(text),
  },
  { strict: true },
);
export type GcpSettingsParams = Wire<typeof GcpSettingsParams>;

export const GcpSetupParams = struct('GcpSetupParams', {
  projectId: text,
  location: optional(text),
  credentialFile: optional(text),
});
export type GcpSetupParams = Wire<typeof GcpSetupParams>;

export const GcpSetupResponse = struct('GcpSetupResponse', {});
export type GcpSetupResponse = Wire<typeof GcpSetupResponse>;

export const ModelProviderCapabilitiesReadParams = struct('ModelProviderCapabilitiesReadParams', {});
export type ModelProviderCapabilitiesReadParams = Wire<typeof ModelProviderCapabilitiesReadParams>;

export const ModelProviderCapabilitiesReadResponse = struct('ModelProviderCapabilitiesReadResponse', {
  imageGeneration: bool,
  webSearch: bool,
});
export type ModelProviderCapabilitiesReadResponse = Wire<typeof ModelProviderCapabilitiesReadResponse>;

export const ProviderSettingsPatch = tagged('ProviderSettingsPatch', 'type', {
  customGateway: CustomGatewaySettingsParams,
  bedrock: BedrockSettingsParams,
  gcp: GcpSettingsParams,
});
export type ProviderSettingsPatch = Wire<typeof ProviderSettingsPatch>;

export const ModelProviderConfigWriteParams = struct(
  'ModelProviderConfigWriteParams',
  {
    settings: ProviderSettingsPatch,
  },
  { strict: true },
);
export type ModelProviderConfigWriteParams = Wire<typeof ModelProviderConfigWriteParams>;

export const ProviderSettings = tagged('ProviderSettings', 'type', {
  openai: {},
  customGateway: {
    auth: GatewayAuth,
  },
  bedrock: {
    profile: nullish(text),
    region: nullish(text),
  },
  gcp: {
    projectId: nullish(text),
    location: nullish(text),
    credentialFile: nullish(text),
  },
});
export type ProviderSettings = Wire<typeof ProviderSettings>;

export const ModelProviderSummary = struct('ModelProviderSummary', {
  id: text,
  name: text,
  canEdit: bool,
  baseUrl: nullish(text),
  settings: ProviderSettings,
});
export type ModelProviderSummary = Wire<typeof ModelProviderSummary>;

export const ModelProviderConfigWriteResponse = struct('ModelProviderConfigWriteResponse', {
  provider: ModelProviderSummary,
});
export type ModelProviderConfigWriteResponse = Wire<typeof ModelProviderConfigWriteResponse>;

export const ModelProviderError = tagged('ModelProviderError', 'type', {
  modelProviderMismatch: {
    modelProvider: text,
    currentModelProvider: text,
  },
  modelProviderNotConfigured: {
    modelProvider: text,
  },
  modelProviderPolicyConflict: {
    modelProvider: text,
    requiredModelProvider: text,
  },
});
export type ModelProviderError = Wire<typeof ModelProviderError>;

/** Since 0.171. */
export const ModelProviderDefaultSetParams = struct('ModelProviderDefaultSetParams', {
  providerId: text,
});
export type ModelProviderDefaultSetParams = Wire<typeof ModelProviderDefaultSetParams>;

export const ModelProviderListParams = struct('ModelProviderListParams', {});
export type ModelProviderListParams = Wire<typeof ModelProviderListParams>;

export const ModelProviderListResponse = struct('ModelProviderListResponse', {
  data: list(ModelProviderSummary),
  defaultProviderId: text,
  canChangeDefault: bool,
});
export type ModelProviderListResponse = Wire<typeof ModelProviderListResponse>;
