/** The methods of the services by name: all that a start needs to know of them (see service-handlers.ts). */
export const ACCOUNT_METHODS = [
  'account/read',
  'account/login/start',
  'account/login/cancel',
  'account/logout',
  'account/rateLimits/read',
  'account/usage/read',
  'account/workspaceMessages/read',
  'account/sendAddCreditsNudgeEmail',
  'account/bedrock/checkGovCloudRequirements',
  'accountSession/list',
  'getAuthStatus',
] as const;

export const MODEL_METHODS = [
  'model/list',
  'modelProvider/list',
  'modelProvider/capabilities/read',
  'collaborationMode/list',
] as const;

export const SKILL_METHODS = ['skills/list', 'skills/extraRoots/set', 'skills/config/write'] as const;

export const EXTENSION_METHODS = [
  'hooks/list',
  'mcpServerStatus/list',
  'mcpServer/oauth/login',
  'plugin/list',
  'plugin/installed',
  'app/list',
  'app/installed',
  'app/read',
  'marketplace/upgrade',
  'marketplace/remove',
  'externalAgentConfig/detect',
] as const;

export const SERVICE_METHODS = [...ACCOUNT_METHODS, ...MODEL_METHODS, ...SKILL_METHODS, ...EXTENSION_METHODS] as const;
export type ServiceMethod = (typeof SERVICE_METHODS)[number];
