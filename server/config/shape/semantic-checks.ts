import { isTable, tableAt, TomlFloat } from '../toml/value.js';
import type { TomlTable } from '../toml/value.js';

/** Checks of values that are each of the right type but do not fit together. */
/** Keys of an MCP server that belong to the other transport. */
const NOT_FOR_STDIO = [
  'url',
  'bearer_token',
  'bearer_token_env_var',
  'http_headers',
  'env_http_headers',
  'oauth_resource',
];
const NOT_FOR_HTTP = ['bearer_token', 'args', 'env', 'env_vars', 'cwd'];

/** An MCP server has one transport and only the keys of that transport. */
export function checkMcpServer(server: TomlTable): string | null {
  if (server.command === undefined && server.url === undefined) return 'invalid transport';
  const [transport, foreign] =
    server.command === undefined ? ['streamable_http', NOT_FOR_HTTP] : ['stdio', NOT_FOR_STDIO];
  const key = foreign.find((name) => server[name] !== undefined);
  if (key !== undefined) return `${key} is not supported for ${transport}`;
  const negative = [server.startup_timeout_sec, server.tool_timeout_sec].some(
    (seconds) => (seconds instanceof TomlFloat ? seconds.value : typeof seconds === 'number' ? seconds : 0) < 0,
  );
  return negative ? 'cannot convert float seconds to Duration: value is negative' : null;
}

/** Built-in providers cannot be changed; other providers need a name. */
export function checkProviders(providers: TomlTable): string | null {
  const reserved = BUILT_IN_PROVIDERS.filter((id) => id in providers && !EXTENSIBLE_PROVIDERS.includes(id));
  const [first] = reserved;
  if (first !== undefined) {
    const ids = reserved.map((id) => `\`${id}\``).join(', ');
    return `model_providers contains reserved built-in provider IDs: ${ids}. Built-in providers cannot be overridden. Rename your custom provider (for example, \`${first}-custom\`).`;
  }
  for (const id of Object.keys(providers)) {
    const provider = tableAt(providers, id);
    if (EXTENSIBLE_PROVIDERS.includes(id)) continue;
    if (provider.aws !== undefined) {
      return `model_providers.${id}: provider aws is only supported for \`amazon-bedrock\` or \`amazon-bedrock-runtime\``;
    }
    const auth = checkProviderAuth(provider);
    if (auth !== null) return `model_providers.${id}: ${auth}`;
    if (typeof provider.name !== 'string' || provider.name.trim() === '') {
      return `model_providers.${id}: provider name must not be empty`;
    }
  }
  return null;
}

/** A program that supplies the token excludes every other source of a token. */
function checkProviderAuth(provider: TomlTable): string | null {
  if (!isTable(provider.auth)) return null;
  if (typeof provider.auth.command !== 'string' || provider.auth.command.trim() === '') {
    return 'provider auth.command must not be empty';
  }
  const others = ['env_key', 'experimental_bearer_token'].filter((key) => provider[key] !== undefined);
  if (provider.requires_openai_auth === true) others.push('requires_openai_auth');
  return others.length === 0 ? null : `provider auth cannot be combined with ${others.join(', ')}`;
}

/** Providers that exist without a table (docs/protocol/config.md §2). */
export const BUILT_IN_PROVIDERS = ['openai', 'ollama', 'lmstudio', 'amazon-bedrock', 'amazon-bedrock-runtime', 'gcp'];
/** Built-in providers that a table may extend; the others cannot be redefined. */
const EXTENSIBLE_PROVIDERS = ['amazon-bedrock', 'amazon-bedrock-runtime', 'gcp'];
