/**
 * One HTTP request to a model endpoint, and the events of its answer: keys and headers, silent repetition before the
 * stream begins, the idle limit, and the errors of spec/turns.md §8.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Dispatcher } from 'undici';
import type { ManagedDemands } from '../../config/requirements/demands.js';
import { mayAsk } from './application-network.js';
import { ModelError } from './model-provider.js';
import { statusError, streamError, unreachableError } from './model-errors.js';
import type { ProviderSettings } from './provider-settings.js';

export interface EndpointOptions {
  readonly settings: ProviderSettings;
  /** The daemon's own environment: keys, and HTTP_PROXY and its kin. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly codexHome: string;
  /** What the requirements of this moment demand. */
  readonly demands: () => ManagedDemands;
}

export interface Post {
  /** Behind the base URL, with a slash at the front. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface Endpoint {
  /** The `data` of every server-sent event, batched as they arrive. Throws ModelError, or the signal's reason. */
  post(request: Post, signal: AbortSignal): AsyncGenerator<readonly string[], void>;
}

/** How endpoints of the vendor's are told where data must stay. */
const RESIDENCY_HEADER = 'x-openai-internal-codex-residency';
/** The first wait before a request is repeated; it doubles. */
const FIRST_WAIT_MS = 200;
/** Of an error's body this much is read: a page of HTML tells no more. */
const MAX_ERROR_BYTES = 64 * 1024;

export function createEndpoint(options: EndpointOptions): Endpoint {
  const { settings } = options;
  let dispatcher: Promise<Dispatcher> | undefined;
  return {
    async *post({ path: suffix, headers, body }, signal) {
      const url = endpointUrl(settings, suffix);
      for (const [name, value] of Object.entries(settings.queryParams)) url.searchParams.set(name, value);
      const { applicationNetwork, residency, source } = options.demands();
      if (!mayAsk(url, applicationNetwork)) {
        throw new ModelError(
          `destination denied by application network policy: ${url.host} (set by ${source})`,
          'other',
          'never',
        );
      }
      const demanded = residency === null ? {} : { [RESIDENCY_HEADER]: residency };
      const all = { ...headers, ...(await ownHeaders(options)), ...(await authorization(options)), ...demanded };
      const text = JSON.stringify(body);
      const { request } = await import('undici');
      dispatcher ??= makeDispatcher(options.env);
      const answer = await withRetries(settings.requestMaxRetries, signal, async () => {
        const response = await request(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...all },
          body: text,
          dispatcher: await dispatcher!,
          signal,
          headersTimeout: settings.streamIdleTimeoutMs,
          bodyTimeout: 0, // The idle limit below is ours: undici would say something else.
        }).catch((error: unknown) => {
          if (signal.aborted) throw signal.reason;
          throw unreachableError(url.href, error);
        });
        if (response.statusCode >= 200 && response.statusCode < 300) return response;
        const said = await readSome(response.body);
        const requestId = response.headers['x-request-id'] ?? null;
        throw statusError(response.statusCode, said, url.href, typeof requestId === 'string' ? requestId : null);
      });
      yield* events(answer.body, settings.streamIdleTimeoutMs, signal);
    },
  };
}

/** Throws ModelError. */
function endpointUrl({ id, baseUrl }: ProviderSettings, suffix: string): URL {
  const whole = `${baseUrl}${suffix}`;
  if (URL.canParse(whole) && /^https?:/i.test(whole)) return new URL(whole);
  const said = baseUrl === '' ? 'none is set' : `\`${baseUrl}\` is none`;
  throw new ModelError(`model_providers.${id}.base_url must be an http or https address: ${said}`, 'other', 'never');
}

async function* events(
  body: Dispatcher.ResponseData['body'],
  idleMs: number,
  signal: AbortSignal,
): AsyncGenerator<readonly string[], void> {
  let batch: string[] = [];
  const parser = createParser({ onEvent: ({ data }: EventSourceMessage) => batch.push(data) });
  const decoder = new TextDecoder();
  let idle = false;
  const expire = (): void => {
    idle = true;
    body.destroy();
  };
  let clock = setTimeout(expire, idleMs);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      clearTimeout(clock);
      parser.feed(decoder.decode(chunk, { stream: true }));
      if (batch.length > 0) {
        const ready = batch;
        batch = [];
        yield ready;
      }
      clock = setTimeout(expire, idleMs);
    }
    if (idle) throw streamError('idle timeout waiting for SSE');
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof ModelError) throw error;
    throw streamError(idle ? 'idle timeout waiting for SSE' : messageOf(error));
  } finally {
    clearTimeout(clock);
    body.destroy(); // Whoever stopped reading needs the connection no more.
  }
}

/** Repeats what failed before a stream began: an endpoint that cannot be reached, or one that has trouble of its own. */
async function withRetries<T>(retries: number, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (tried >= retries || !isTransient(error)) throw error;
      await sleep(FIRST_WAIT_MS * 2 ** tried * (0.9 + Math.random() * 0.2), undefined, { signal });
    }
  }
}

function isTransient(error: unknown): boolean {
  if (!(error instanceof ModelError) || error.retry === 'never') return false;
  if (error.info === 'internalServerError') return true;
  const status =
    typeof error.info === 'object' && 'httpConnectionFailed' in error.info
      ? error.info.httpConnectionFailed.httpStatusCode
      : null;
  return status === null || status === undefined || status >= 500;
}

/** Through the user's proxy where there is one; its agent is the library's experiment, and says so on standard error. */
async function makeDispatcher(env: Readonly<NodeJS.ProcessEnv>): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent } = await import('undici');
  const options = { keepAliveTimeout: KEEP_ALIVE_MS };
  const proxied = PROXY_VARIABLES.some((name) => env[name] || env[name.toLowerCase()]);
  return proxied ? new EnvHttpProxyAgent(options) : new Agent(options);
}

const PROXY_VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY'];
const KEEP_ALIVE_MS = 60_000;

/** Headers of the configuration. */
async function ownHeaders({ settings, env }: EndpointOptions): Promise<Record<string, string>> {
  const fromEnvironment = Object.entries(settings.envHeaders).flatMap(([name, variable]) => {
    const value = env[variable]?.trim();
    return value ? [[name.toLowerCase(), value] as const] : [];
  });
  const fixed = Object.entries(settings.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries([...fixed, ...fromEnvironment]);
}

/** Throws ModelError when a key is needed and there is none: no request is made then (spec/turns.md §3). */
async function authorization({ settings, env, codexHome, demands }: EndpointOptions): Promise<Record<string, string>> {
  const { bearerToken, envKey, envKeyInstructions, usesLogin } = settings;
  const { loginMethods, loginInFileForbidden, source } = demands();
  // Where the vendor's login is wanted, a key is one way to log in, wherever it comes from.
  if (usesLogin && loginMethods !== null && !loginMethods.includes('api')) {
    throw new ModelError(`API key login is disabled by allowed_login_methods (set by ${source})`, 'other', 'never');
  }
  let key = bearerToken ?? (envKey === null ? null : env[envKey]?.trim() || null);
  if (key === null && usesLogin && !loginInFileForbidden) key = await storedKey(codexHome);
  if (key !== null) return { authorization: `Bearer ${key}` };
  if (envKey === null) return {};
  const how = envKeyInstructions === null ? '' : ` ${envKeyInstructions}`;
  throw new ModelError(`Missing environment variable: \`${envKey}\`.${how}`, 'other', 'never');
}

/** The API key that a login left in auth.json; null when there is none. */
async function storedKey(codexHome: string): Promise<string | null> {
  try {
    const { OPENAI_API_KEY: key } = JSON.parse(await readFile(path.join(codexHome, 'auth.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    return typeof key === 'string' && key !== '' ? key : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new ModelError(`auth.json in the Codex home cannot be read: ${messageOf(error)}`, 'other', 'never');
  }
}

async function readSome(body: Dispatcher.ResponseData['body']): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of body as AsyncIterable<Buffer>) {
      pieces.push(piece);
      size += piece.length;
      if (size >= MAX_ERROR_BYTES) break;
    }
  } catch {
    // The status says enough.
  }
  return Buffer.concat(pieces).subarray(0, MAX_ERROR_BYTES).toString();
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
