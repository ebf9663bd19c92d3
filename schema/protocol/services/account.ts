/** The account that is signed in. */
import {
  anyOf,
  bool,
  defaulted,
  gated,
  i64,
  list,
  nullable,
  nullish,
  omittable,
  oneOf,
  optional,
  struct,
  tagged,
  text,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { DesktopOnboardingEntrypoint } from './model-provider.js';

export const PlanType = oneOf('PlanType', [
  'free',
  'go',
  'plus',
  'pro',
  'prolite',
  'promax',
  'team',
  'self_serve_business_prolite',
  'self_serve_business_usage_based',
  'business',
  'ent26',
  'enterprise_cbp_automation',
  'enterprise_cbp_usage_based',
  'enterprise',
  'edu',
  'edu_plus',
  'edu_pro',
  'sci',
  'sci_plus',
  'unknown',
]);
export type PlanType = Wire<typeof PlanType>;

export const Account = tagged('Account', 'type', {
  apiKey: {},
  chatgpt: {
    email: nullable(text),
    planType: PlanType,
    workspaceName: nullish(text),
  },
  amazonBedrock: {
    usesCodexManagedCredentials: defaulted(bool, false),
  },
  gcp: {},
});
export type Account = Wire<typeof Account>;

export const AccountLoginCompletedNotification = struct('AccountLoginCompletedNotification', {
  loginId: nullish(text),
  success: bool,
  error: nullish(text),
  onboardingEntrypoint: nullish(DesktopOnboardingEntrypoint),
});
export type AccountLoginCompletedNotification = Wire<typeof AccountLoginCompletedNotification>;

export const AccountRoutingOverride = oneOf('AccountRoutingOverride', ['NO_CONSTRAINT', 'us', 'us_cr']);
export type AccountRoutingOverride = Wire<typeof AccountRoutingOverride>;

export const AccountSecuritySetupAction = struct('AccountSecuritySetupAction', {
  label: text,
  url: text,
});
export type AccountSecuritySetupAction = Wire<typeof AccountSecuritySetupAction>;

export const AccountSecuritySetupNotice = struct('AccountSecuritySetupNotice', {
  accountId: text,
  userId: text,
  title: text,
  description: text,
  action: AccountSecuritySetupAction,
});
export type AccountSecuritySetupNotice = Wire<typeof AccountSecuritySetupNotice>;

export const AccountSessionWorkspaceKind = oneOf('AccountSessionWorkspaceKind', ['personal', 'workspace']);
export type AccountSessionWorkspaceKind = Wire<typeof AccountSessionWorkspaceKind>;

export const AccountSessionWorkspace = struct('AccountSessionWorkspace', {
  accountId: text,
  name: nullish(text),
  imageUrl: nullish(text),
  kind: nullish(AccountSessionWorkspaceKind),
});
export type AccountSessionWorkspace = Wire<typeof AccountSessionWorkspace>;

export const AccountSession = struct('AccountSession', {
  sessionId: text,
  email: nullish(text),
  userId: nullish(text),
  displayName: nullish(text),
  imageUrl: nullish(text),
  lastUsedAt: i64,
  isActive: bool,
  selectedWorkspaceAccountId: nullish(text),
  workspaces: list(AccountSessionWorkspace),
});
export type AccountSession = Wire<typeof AccountSession>;

export const AccountSessionsListParams = struct('AccountSessionsListParams', {
  refreshWorkspaceMetadata: omittable(bool, false),
});
export type AccountSessionsListParams = Wire<typeof AccountSessionsListParams>;

export const AccountSessionsResponse = struct('AccountSessionsResponse', {
  activeSessionId: nullish(text),
  sessions: list(AccountSession),
});
export type AccountSessionsResponse = Wire<typeof AccountSessionsResponse>;

export const AccountSessionsSwitchParams = struct('AccountSessionsSwitchParams', {
  sessionId: text,
  accountId: text,
  allowBrowserLogin: omittable(bool, false),
});
export type AccountSessionsSwitchParams = Wire<typeof AccountSessionsSwitchParams>;

export const AccountSessionsSwitchResponse = anyOf('AccountSessionsSwitchResponse', [
  struct(null, {
    activeSessionId: nullish(text),
    sessions: list(AccountSession),
  }),
  struct(null, {
    loginId: text,
    authUrl: text,
  }),
]);
export type AccountSessionsSwitchResponse = Wire<typeof AccountSessionsSwitchResponse>;

export const AuthMode = oneOf('AuthMode', [
  'apikey',
  'chatgpt',
  'chatgptAuthTokens',
  'headers',
  'agentIdentity',
  'personalAccessToken',
  'bedrockApiKey',
  'bedrockAccessKeys',
]);
export type AuthMode = Wire<typeof AuthMode>;

export const AccountUpdatedNotification = struct('AccountUpdatedNotification', {
  authMode: nullish(AuthMode),
  planType: nullish(PlanType),
  /** New in 0.171. */
  reason: nullish(text),
});
export type AccountUpdatedNotification = Wire<typeof AccountUpdatedNotification>;

export const CancelLoginAccountParams = struct('CancelLoginAccountParams', {
  loginId: text,
});
export type CancelLoginAccountParams = Wire<typeof CancelLoginAccountParams>;

export const CancelLoginAccountStatus = oneOf('CancelLoginAccountStatus', ['canceled', 'notFound']);
export type CancelLoginAccountStatus = Wire<typeof CancelLoginAccountStatus>;

export const CancelLoginAccountResponse = struct('CancelLoginAccountResponse', {
  status: CancelLoginAccountStatus,
});
export type CancelLoginAccountResponse = Wire<typeof CancelLoginAccountResponse>;

export const ForcedChatgptWorkspaceIds = anyOf('ForcedChatgptWorkspaceIds', [text, list(text)]);
export type ForcedChatgptWorkspaceIds = Wire<typeof ForcedChatgptWorkspaceIds>;

export const ForcedLoginMethod = oneOf('ForcedLoginMethod', ['chatgpt', 'api']);
export type ForcedLoginMethod = Wire<typeof ForcedLoginMethod>;

export const GetAccountParams = struct('GetAccountParams', {
  refreshToken: omittable(bool, false),
});
export type GetAccountParams = Wire<typeof GetAccountParams>;

export const WorkspaceRouting = struct('WorkspaceRouting', {
  chatgptAccountId: text,
  backendOrigin: text,
  accountRoutingOverride: AccountRoutingOverride,
});
export type WorkspaceRouting = Wire<typeof WorkspaceRouting>;

export const GetAccountResponse = struct('GetAccountResponse', {
  account: nullish(Account),
  userId: nullish(text),
  requiresOpenaiAuth: bool,
  workspaceRouting: gated(nullish(WorkspaceRouting)),
});
export type GetAccountResponse = Wire<typeof GetAccountResponse>;

export const GetAccountSecuritySetupResponse = struct('GetAccountSecuritySetupResponse', {
  notice: nullish(AccountSecuritySetupNotice),
});
export type GetAccountSecuritySetupResponse = Wire<typeof GetAccountSecuritySetupResponse>;

export const LoginAppBrand = oneOf('LoginAppBrand', ['codex', 'chatgpt']);
export type LoginAppBrand = Wire<typeof LoginAppBrand>;

export const LoginAccountParams = tagged('LoginAccountParams', 'type', {
  apiKey: {
    apiKey: text,
  },
  chatgpt: {
    codexStreamlinedLogin: omittable(bool, false),
    useHostedLoginSuccessPage: omittable(bool, false),
    appBrand: optional(LoginAppBrand),
  },
  chatgptDeviceCode: {},
  chatgptAuthTokens: {
    accessToken: text,
    chatgptAccountId: text,
    chatgptPlanType: optional(text),
  },
  amazonBedrock: {
    apiKey: text,
    region: text,
  },
  amazonBedrockAccessKeys: {
    accessKeyId: text,
    secretAccessKey: text,
    sessionToken: optional(text),
    region: text,
  },
});
export type LoginAccountParams = Wire<typeof LoginAccountParams>;

export const LoginAccountResponse = tagged('LoginAccountResponse', 'type', {
  apiKey: {},
  chatgpt: {
    loginId: text,
    authUrl: text,
  },
  chatgptDeviceCode: {
    loginId: text,
    verificationUrl: text,
    userCode: text,
  },
  chatgptAuthTokens: {},
  amazonBedrock: {},
});
export type LoginAccountResponse = Wire<typeof LoginAccountResponse>;

export const LogoutAccountResponse = struct('LogoutAccountResponse', {});
export type LogoutAccountResponse = Wire<typeof LogoutAccountResponse>;
