/**
 * The environment of a proxied command (docs/protocol/network.md §2). The names and values are facts of the protocol.
 */
import type { NetworkPolicy } from '../config/permissions/network-policy.js';

const HTTP_NAMES = [
  'HTTP_PROXY',
  'http_proxy',
  'HTTPS_PROXY',
  'https_proxy',
  'WS_PROXY',
  'ws_proxy',
  'WSS_PROXY',
  'wss_proxy',
  'YARN_HTTP_PROXY',
  'YARN_HTTPS_PROXY',
  'NPM_CONFIG_HTTP_PROXY',
  'NPM_CONFIG_HTTPS_PROXY',
  'NPM_CONFIG_PROXY',
  'npm_config_http_proxy',
  'npm_config_https_proxy',
  'npm_config_proxy',
  'BUNDLE_HTTP_PROXY',
  'BUNDLE_HTTPS_PROXY',
  'PIP_PROXY',
  'DOCKER_HTTP_PROXY',
  'DOCKER_HTTPS_PROXY',
];
const SOCKS_NAMES = ['ALL_PROXY', 'all_proxy', 'FTP_PROXY', 'ftp_proxy'];
const NO_PROXY_NAMES = ['NO_PROXY', 'no_proxy', 'NPM_CONFIG_NOPROXY', 'npm_config_noproxy', 'BUNDLE_NO_PROXY'];
/**
 * The destinations that clients reach without the proxy when local binding is allowed: the lane's own loopback, not the
 * host's.
 */
const LOCAL_NO_PROXY = 'localhost,127.0.0.1,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16';

/** The variables that name a program's trusted roots (docs/protocol/network.md §2): with interception only. */
const CA_NAMES = [
  'CURL_CA_BUNDLE',
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
  'PIP_CERT',
  'GIT_SSL_CAINFO',
  'CARGO_HTTP_CAINFO',
  'BUNDLE_SSL_CA_CERT',
  'CODEX_CA_CERTIFICATE',
  'NPM_CONFIG_CAFILE',
  'npm_config_cafile',
  // Since 0.171: programs of Google Cloud and Deno.
  'CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE',
  'DENO_CERT',
];

/**
 * `httpPort` and `socksPort` are ports inside the command's lane. `caBundle`: a file of roots, the interception's
 * included.
 */
export function proxyEnvironment(
  policy: Pick<NetworkPolicy, 'allowLocalBinding' | 'enableSocks5'>,
  ports: { readonly httpPort: number; readonly socksPort: number },
  caBundle: string | null = null,
): Record<string, string> {
  const http = `http://127.0.0.1:${ports.httpPort}`;
  const socks = policy.enableSocks5 ? `socks5h://127.0.0.1:${ports.socksPort}` : http;
  const noProxy = policy.allowLocalBinding ? LOCAL_NO_PROXY : '';
  const all = (names: readonly string[], value: string): [string, string][] => names.map((name) => [name, value]);
  return {
    ...Object.fromEntries([...all(HTTP_NAMES, http), ...all(SOCKS_NAMES, socks), ...all(NO_PROXY_NAMES, noProxy)]),
    CODEX_NETWORK_PROXY_ACTIVE: '1',
    CODEX_NETWORK_ALLOW_LOCAL_BINDING: policy.allowLocalBinding ? '1' : '0',
    ELECTRON_GET_USE_PROXY: 'true',
    NODE_USE_ENV_PROXY: '1',
    ...(caBundle === null ? {} : Object.fromEntries(all(CA_NAMES, caBundle))),
  };
}

/**
 * A program's request for news to its vendor is not part of the command's purpose. In a lane, the request would be
 * denied and, by default, end the command. These switches are documented by the programs.
 */
const QUIET_DEFAULTS: Readonly<Record<string, string>> = {
  // Checks for newer versions.
  npm_config_update_notifier: 'false', // npm, pnpm
  NO_UPDATE_NOTIFIER: '1', // programs built on update-notifier
  YARN_DISABLE_SELF_UPDATE_CHECK: 'true',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  CONDA_NOTIFY_OUTDATED_CONDA: 'false',
  BUNDLE_DISABLE_VERSION_CHECK: 'true',
  RUBYGEMS_PREVENT_UPDATE_SUGGESTION: 'true',
  DENO_NO_UPDATE_CHECK: '1',
  GH_NO_UPDATE_NOTIFIER: '1',
  HOMEBREW_NO_AUTO_UPDATE: '1',
  CHECKPOINT_DISABLE: '1', // HashiCorp's programs, Prisma
  VAGRANT_CHECKPOINT_DISABLE: '1',
  PULUMI_SKIP_UPDATE_CHECK: 'true',
  POWERSHELL_UPDATECHECK: 'Off',
  DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE: '1',
  CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: 'true',
  // Usage reports.
  DO_NOT_TRACK: '1',
  YARN_ENABLE_TELEMETRY: '0',
  HOMEBREW_NO_ANALYTICS: '1',
  DOTNET_CLI_TELEMETRY_OPTOUT: '1',
  POWERSHELL_TELEMETRY_OPTOUT: '1',
  CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true',
  AZURE_CORE_COLLECT_TELEMETRY: 'false',
  SAM_CLI_TELEMETRY: '0',
  NEXT_TELEMETRY_DISABLED: '1',
  NUXT_TELEMETRY_DISABLED: '1',
  ASTRO_TELEMETRY_DISABLED: '1',
  GATSBY_TELEMETRY_DISABLED: '1',
  STORYBOOK_DISABLE_TELEMETRY: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  NG_CLI_ANALYTICS: 'false',
  HF_HUB_DISABLE_TELEMETRY: '1',
};

/**
 * The values for a proxied command where neither the daemon's environment, the configuration nor the request sets them.
 */
export const quietDefaults = (): Readonly<Record<string, string>> => QUIET_DEFAULTS;
