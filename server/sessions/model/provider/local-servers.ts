/** Model servers on this machine that need no table in the configuration: their ports and how to start them. */

export interface LocalServer {
  readonly name: string;
  readonly port: number;
  /** One sentence. */
  readonly start: string;
  /** How to download a model. */
  readonly pull: (model: string) => string;
}

const LOCAL_SERVERS: Readonly<Record<string, LocalServer>> = {
  ollama: {
    name: 'Ollama',
    port: 11434,
    start: 'Start it with `ollama serve` (to be had from https://ollama.com/download).',
    pull: (model) => `ollama pull ${model}`,
  },
  lmstudio: {
    name: 'LM Studio',
    port: 1234,
    start: 'Start it with `lms server start` (to be had from https://lmstudio.ai).',
    pull: (model) => `lms get ${model}`,
  },
};

/** Null: no built-in server has that id. */
export const localServer = (id: string): LocalServer | null =>
  Object.hasOwn(LOCAL_SERVERS, id) ? LOCAL_SERVERS[id]! : null;

/** The advice for a provider whose server does not listen. */
export function howToStart(id: string): string {
  const server = localServer(id);
  if (server === null) return `Start the model server, or correct model_providers.${id}.base_url.`;
  const elsewhere = id === 'ollama' ? 'OLLAMA_HOST or CODEX_OSS_BASE_URL' : 'CODEX_OSS_BASE_URL';
  return `${server.start} Is it elsewhere? Set ${elsewhere}.`;
}

/**
 * The base URL of a built-in local provider: `CODEX_OSS_BASE_URL` unchanged, else `CODEX_OSS_PORT` on this machine,
 * else `OLLAMA_HOST` for Ollama, else the default port.
 */
export function localBaseUrl(id: string, { port }: LocalServer, env: Readonly<NodeJS.ProcessEnv>): string {
  const base = env.CODEX_OSS_BASE_URL?.trim();
  if (base) return withVersion(base);
  const otherPort = env.CODEX_OSS_PORT?.trim();
  if (otherPort) return `http://localhost:${otherPort}/v1`;
  const host = id === 'ollama' ? env.OLLAMA_HOST?.trim() : undefined;
  return host ? ollamaUrl(host, port) : `http://localhost:${port}/v1`;
}

/** For an address without a path, adds the path of the API. */
function withVersion(base: string): string {
  return URL.canParse(base) && new URL(base).pathname === '/' ? `${base.replace(/\/+$/, '')}/v1` : base;
}

/**
 * `OLLAMA_HOST` as Ollama reads it: `[scheme://]host[:port][/path]`. It can also be the address on which the server
 * listens. So the address for all interfaces means this machine.
 */
function ollamaUrl(host: string, usualPort: number): string {
  const whole = /^\w+:\/\//.test(host) ? host : `http://${host.startsWith(':') ? `localhost${host}` : host}`;
  if (!URL.canParse(whole)) return whole;
  const url = new URL(whole);
  if (['0.0.0.0', '[::]'].includes(url.hostname)) url.hostname = 'localhost';
  // With a scheme, the default port is that of the scheme; without one it is Ollama's.
  const hasPort = /^(?:\w+:\/\/)?(?:\[[^\]]*\]|[^:/]*):\d+/.test(host);
  const port = hasPort || /^\w+:\/\//.test(host) ? url.port : String(usualPort);
  const path = url.pathname.replace(/\/+$/, '');
  return `${url.protocol}//${url.hostname}${port === '' ? '' : `:${port}`}${path}/v1`;
}

/** Whether the host name of a URL means this machine. */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  hostname === '[::1]' ||
  /^127(?:\.\d+){3}$/.test(hostname);
