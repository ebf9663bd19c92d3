/** A model provider in the configuration (docs/protocol/config.md, `[model_providers.ID]`; docs/configuration.md). */
import { wordOf } from '../../../system/node/objects.js';
import { isList, isTable, tableAt, toJson, type TomlTable, type TomlValue } from '../../../config/toml/value.js';
import type { TokenCommand } from './token-command.js';
import { chatSettings, type ChatSettings } from './chat-settings.js';
import { localBaseUrl, localServer } from './local-servers.js';

const WIRE_APIS = ['responses', 'chat', 'replay'] as const;
export type WireApi = (typeof WIRE_APIS)[number];

export interface ProviderSettings {
  readonly id: string;
  readonly name: string;
  readonly wireApi: WireApi;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** The variable with the key; null: no key is needed. */
  readonly envKey: string | null;
  readonly envKeyInstructions: string | null;
  /** The vendor's variable, which counts without a stored login; null: the provider has none. */
  readonly loginVariable: string | null;
  readonly bearerToken: string | null;
  /** The program that prints the key; null: there is none. */
  readonly auth: TokenCommand | null;
  /** A key from auth.json is used if no variable has one. */
  readonly usesLogin: boolean;
  /** The base URL for a login with an account; null: it is the same. */
  readonly accountBaseUrl: string | null;
  readonly queryParams: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Names of variables by header name. */
  readonly envHeaders: Readonly<Record<string, string>>;
  readonly requestMaxRetries: number;
  readonly streamMaxRetries: number;
  readonly streamIdleTimeoutMs: number;
  /** For `wire_api = "chat"`. */
  readonly chat: ChatSettings;
  /** `wire_api = "replay"`: the cassette's path. */
  readonly cassette: string | null;
}

/** Defaults of the reference. */
const REQUEST_MAX_RETRIES = 4;
const STREAM_MAX_RETRIES = 5;
const STREAM_IDLE_TIMEOUT_MS = 300_000;

/**
 * Null: there is no such provider. `env`: the daemon's environment, which may contain the addresses of local servers.
 */
export function providerSettings(
  table: TomlTable,
  id: string,
  env: Readonly<NodeJS.ProcessEnv>,
): ProviderSettings | null {
  const providers = tableAt(table, 'model_providers');
  const configured = providers[id];
  const builtIn = builtInProvider(table, id, env);
  if (!isTable(configured) && builtIn === undefined) return null;
  const text = (key: string): string | null => {
    const value = isTable(configured) ? configured[key] : undefined;
    return typeof value === 'string' ? value : null;
  };
  const number = (key: string, otherwise: number): number => {
    const value = isTable(configured) ? toJson(configured[key] ?? otherwise) : otherwise;
    return typeof value === 'number' ? value : otherwise;
  };
  const texts = (key: string): Record<string, string> => {
    const value = isTable(configured) ? tableAt(configured, key) : {};
    return Object.fromEntries(
      Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  };
  return {
    id,
    name: text('name') ?? builtIn?.name ?? id,
    wireApi: wordOf(WIRE_APIS, text('wire_api')) ?? builtIn?.wireApi ?? 'responses',
    baseUrl: (text('base_url') ?? builtIn?.baseUrl ?? '').replace(/\/+$/, ''),
    envKey: text('env_key'),
    loginVariable: builtIn?.loginVariable ?? null,
    envKeyInstructions: text('env_key_instructions'),
    bearerToken: text('experimental_bearer_token'),
    auth: isTable(configured) ? tokenCommand(configured.auth) : null,
    usesLogin: builtIn?.usesLogin ?? (isTable(configured) && configured.requires_openai_auth === true),
    accountBaseUrl: builtIn?.accountBaseUrl ?? null,
    queryParams: texts('query_params'),
    headers: texts('http_headers'),
    envHeaders: texts('env_http_headers'),
    requestMaxRetries: number('request_max_retries', REQUEST_MAX_RETRIES),
    streamMaxRetries: number('stream_max_retries', STREAM_MAX_RETRIES),
    streamIdleTimeoutMs: number('stream_idle_timeout_ms', STREAM_IDLE_TIMEOUT_MS),
    chat: chatSettings(table, id),
    cassette: text('cassette'),
  };
}

/** Defaults of the official program (docs/protocol/config.md). */
const TOKEN_TIMEOUT_MS = 5_000;
const TOKEN_REFRESH_MS = 300_000;

function tokenCommand(auth: TomlValue | undefined): TokenCommand | null {
  if (!isTable(auth) || typeof auth.command !== 'string') return null;
  const number = (value: TomlValue | undefined, otherwise: number): number =>
    typeof value === 'number' || typeof value === 'bigint' ? Number(value) : otherwise;
  const { command, args, cwd } = auth;
  return {
    command,
    args: isList(args) ? args.filter((word): word is string => typeof word === 'string') : [],
    timeoutMs: number(auth.timeout_ms, TOKEN_TIMEOUT_MS),
    refreshMs: number(auth.refresh_interval_ms, TOKEN_REFRESH_MS),
    cwd: typeof cwd === 'string' ? cwd : null,
  };
}

interface BuiltIn {
  readonly name: string;
  readonly baseUrl: string;
  readonly wireApi: WireApi;
  readonly loginVariable?: string;
  readonly usesLogin?: boolean;
  readonly accountBaseUrl?: string;
}

/** Providers that need no table (docs/protocol/config.md §2); undefined: none has that id. */
function builtInProvider(table: TomlTable, id: string, env: Readonly<NodeJS.ProcessEnv>): BuiltIn | undefined {
  if (id === 'openai') {
    return {
      name: 'OpenAI',
      baseUrl: typeof table.openai_base_url === 'string' ? table.openai_base_url : 'https://api.openai.com/v1',
      wireApi: 'responses',
      loginVariable: 'OPENAI_API_KEY',
      usesLogin: true,
      // An address that somebody configured is for every login.
      ...(typeof table.openai_base_url === 'string' ? {} : { accountBaseUrl: `${backendBase(table)}/codex` }),
    };
  }
  const local = localServer(id);
  if (local === null) return undefined;
  return { name: local.name, baseUrl: localBaseUrl(id, local, env), wireApi: 'responses' };
}

const BACKEND = 'https://chatgpt.com/backend-api';

/** Where the services are that know an account, without a slash at its end. */
export function backendBase({ chatgpt_base_url: base }: TomlTable): string {
  return (typeof base === 'string' && base !== '' ? base : BACKEND).replace(/\/+$/, '');
}
