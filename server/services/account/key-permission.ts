/** Which logins the configuration and the requirements allow to be stored and used. */
import type { ModelRequirements } from '../../config/requirements/model-requirements.js';
import type { ConfigService } from '../../config/settings/config-service.js';

export const KEYS_DISABLED = 'API key login is disabled. Use ChatGPT login instead.';
export const ACCOUNTS_DISABLED = 'ChatGPT login is disabled. Use API key login instead.';

/** The reason why an API key must not be stored or used. Null: it may be. */
export function whyNoKey({ loginMethods, loginInFileForbiddenBy: by }: ModelRequirements): string | null {
  if (loginMethods !== null && !loginMethods.includes('api')) return KEYS_DISABLED;
  return by === null ? null : noFile(by);
}

/** The same for a login with an account that is stored. */
export function whyNoAccount({ loginMethods, loginInFileForbiddenBy: by }: ModelRequirements): string | null {
  if (loginMethods !== null && !loginMethods.includes('chatgpt')) return ACCOUNTS_DISABLED;
  return by === null ? null : noFile(by);
}

const noFile = (by: string): string =>
  `codexd keeps a login in auth.json and nowhere else, which cli_auth_credentials_store does not allow (set by ${by}); name a provider with \`env_key\` in config.toml`;

/** `forced_login_method` of the configuration, and `allowed_login_methods` of the requirements. */
export function keysForbidden(source: ConfigService): boolean {
  const { forced_login_method: forced } = source.resolve(source.sources.cwd).effective.table;
  const methods = source.settings().modelRequirements.loginMethods;
  return forced === 'chatgpt' || (methods !== null && !methods.includes('api'));
}

/** The same for logins with an account. */
export function accountForbidden(source: ConfigService): boolean {
  const { forced_login_method: forced } = source.resolve(source.sources.cwd).effective.table;
  const methods = source.settings().modelRequirements.loginMethods;
  return forced === 'api' || (methods !== null && !methods.includes('chatgpt'));
}
