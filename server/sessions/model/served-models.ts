/** The models that a server lists: `/api/tags` of Ollama, `/v1/models` of others. */
import { CodexdError } from '../../errors/codexd-error.js';
import { prepareRequest, type EndpointOptions } from './endpoint/endpoint-request.js';
import { createOutbound } from './endpoint/outbound.js';
import { isLoopback, localServer } from './provider/local-servers.js';
import { statusError, unreachableError } from './provider/model-errors.js';
import { ModelError } from './provider/model-provider.js';
import type { ProviderSettings } from './provider/provider-settings.js';

/** In milliseconds. A running server answers at once, and a missing one must not cause a delay. */
const TIMEOUT_MS = 1000;
/** In bytes. */
const MAX_ANSWER = 4 * 1024 * 1024;

/** Whether the provider is a server of this machine, or a built-in local one. */
export function isLocal({ id, baseUrl, wireApi }: ProviderSettings): boolean {
  if (wireApi === 'replay') return false;
  if (localServer(id) !== null) return true;
  return URL.canParse(baseUrl) && isLoopback(new URL(baseUrl).hostname);
}

/**
 * Names in the server's order (Ollama: the newest first), without models that only make embeddings. `timeoutMs`: for
 * each question. Throws ModelError.
 */
export async function servedModels(options: EndpointOptions, timeoutMs = TIMEOUT_MS): Promise<string[]> {
  const { settings } = options;
  if (settings.id === 'ollama') {
    try {
      return namesIn(await get(atRoot(options), '/api/tags', undefined, timeoutMs));
    } catch (error) {
      // Another server uses Ollama's address.
      if (!(error instanceof ModelError && error.noSuchPath)) throw error;
    }
  }
  return namesIn(await get(options, '/models', undefined, timeoutMs));
}

/** Ollama's own API is beside `/v1`. */
export const atRoot = (options: EndpointOptions): EndpointOptions => ({
  ...options,
  settings: { ...options.settings, baseUrl: options.settings.baseUrl.replace(/\/v1$/, '') },
});

/** The server's answer as JSON; with `asked` the request is a POST. Throws ModelError. */
export async function get(
  options: EndpointOptions,
  suffix: string,
  asked?: object,
  timeoutMs = TIMEOUT_MS,
): Promise<unknown> {
  const { url, headers } = await prepareRequest(options, suffix);
  try {
    const { status, body } = await createOutbound(options.env).send({
      method: asked === undefined ? 'GET' : 'POST',
      url,
      headers: { ...headers, ...(asked === undefined ? {} : { 'content-type': 'application/json' }) },
      body: asked === undefined ? null : JSON.stringify(asked),
      signal: AbortSignal.timeout(timeoutMs),
      headTimeoutMs: timeoutMs,
      fresh: true,
    });
    const pieces: Buffer[] = [];
    let size = 0;
    const answer: AsyncIterable<Buffer> = body;
    for await (const piece of answer) {
      pieces.push(piece);
      size += piece.length;
      if (size > MAX_ANSWER)
        throw new CodexdError('model.failed', `the list of models is larger than ${MAX_ANSWER} bytes`);
    }
    const text = Buffer.concat(pieces).toString();
    if (status !== 200) throw statusError(status, text, { url: url.href });
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw unreachableError(url, error, options.settings.id);
  }
}

/** `{"models": [{"name"}]}` or `{"data": [{"id"}]}`; other answers have no names. */
function namesIn(answer: unknown): string[] {
  const { models, data } = (answer ?? {}) as { readonly models?: unknown; readonly data?: unknown };
  const rows = [models, data].find((list) => Array.isArray(list) && list.length > 0) as readonly Row[] | undefined;
  return (rows ?? []).flatMap((row) => {
    const name = row?.id ?? row?.name;
    return typeof name === 'string' && name !== '' && !onlyEmbeds(name, row) ? [name] : [];
  });
}

interface Row {
  readonly id?: unknown;
  readonly name?: unknown;
  readonly details?: { readonly family?: unknown } | null;
}

const onlyEmbeds = (name: string, { details }: Row): boolean =>
  /\bembed/i.test(name) || (typeof details?.family === 'string' && /bert$/i.test(details.family));

/** Whether the server has the model under this name; Ollama omits `:latest`. */
export const isServed = (model: string, served: readonly string[]): boolean =>
  served.includes(model) || served.includes(`${model}:latest`);
