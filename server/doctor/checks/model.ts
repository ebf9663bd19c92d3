/**
 * Checks the model provider: configured, with a key where it needs one, and reachable. The check never shows or sends a
 * key. It contacts only this machine unless the caller allows more.
 */
import { messageOf } from '../../errors/message-of.js';
import net from 'node:net';
import { ConfigError } from '../../errors/config-error.js';
import { findCredential } from '../../sessions/model/provider/credentials.js';
import { readLogin, type StoredLogin } from '../../sessions/model/provider/read-login.js';
import { howToStart, isLoopback, localBaseUrl, localServer } from '../../sessions/model/provider/local-servers.js';
import { providerSettings, type ProviderSettings } from '../../sessions/model/provider/provider-settings.js';
import { ModelError } from '../../sessions/model/provider/model-provider.js';
import { isLocal, isServed, servedModels } from '../../sessions/model/served-models.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import type { TomlTable } from '../../config/toml/value.js';
import type { DoctorContext } from '../findings/context.js';
import { inTime } from '../findings/in-time.js';
import { fail, ok, skipped, warn, type Finding } from '../findings/finding.js';
import type { Check } from '../findings/run-checks.js';

export const modelCheck: Check = {
  id: 'model',
  title: 'Model provider',
  limitMs: 20_000,
  needsHome: true,
  async run(context) {
    if (context.home.path === null) {
      return [skipped('model.provider', 'the model provider: not looked at', 'there is no Codex home')];
    }
    let source: ConfigService;
    try {
      source = await context.source();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return [skipped('model.provider', 'the model provider: not looked at', 'the configuration cannot be looked for')];
    }
    const { effective, problem } = source.resolve(source.sources.cwd);
    if (problem !== null) {
      return [skipped('model.provider', 'the model provider: not looked at', 'the configuration cannot be used')];
    }
    return [...(await configured(effective.table, context, source)), await localServers(effective.table, context)];
  },
};

async function configured(
  table: TomlTable,
  context: DoctorContext,
  source: ConfigService,
): Promise<readonly Finding[]> {
  const id = typeof table.model_provider === 'string' ? table.model_provider : 'openai';
  const settings = providerSettings(table, id, context.env);
  if (settings === null) {
    return [
      fail(
        'model.provider',
        `model_provider is ${id}, and there is no such provider`,
        `add [model_providers.${id}] to config.toml (docs/guide-local-models.md), or correct model_provider`,
      ),
    ];
  }
  const model = typeof table.model === 'string' ? table.model : null;
  const what = `${settings.name}${model === null ? '' : `, model ${model}`}`;
  if (settings.wireApi === 'replay') return [ok('model.provider', `${what}: a cassette`, settings.cassette ?? '')];
  if (!URL.canParse(settings.baseUrl)) {
    return [
      fail(
        'model.provider',
        `${what}: no usable address`,
        `set model_providers.${id}.base_url to an http or https address`,
      ),
    ];
  }
  const found = [
    ok('model.provider', what, `${shownUrl(settings.baseUrl)} (${settings.wireApi})`),
    key(settings, context, source),
  ];
  return [...found, await reachable(settings, model, context, source)];
}

/** Without the name or password that it may contain. */
function shownUrl(address: string): string {
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname}`;
}

function key(settings: ProviderSettings, { env }: DoctorContext, { sources }: ConfigService): Finding {
  const name = 'model.key';
  const login = (): StoredLogin => readLogin(sources.codexHome);
  const found = findCredential(settings, { env, forExec: false, login });
  switch (found.kind) {
    case 'none':
      return settings.usesLogin ? fail(name, 'nobody is logged in', LOG_IN) : ok(name, 'no key is needed');
    case 'key':
      return ok(name, KEY_IN[found.from] ?? `${found.from} holds a key`);
    case 'account':
      return ok(name, 'a login with an account is stored');
    case 'command':
      return ok(name, 'a program gives the key');
    case 'missing':
      break;
  }
  if (settings.usesLogin && login().kind === 'unknown') {
    const other = found.variable === null ? '' : `, or set ${found.variable}`;
    return fail(name, 'the login that is stored is of a kind that codexd cannot use', `${LOG_IN}${other}`);
  }
  const way = settings.usesLogin
    ? `set ${found.variable}, ${LOG_IN}, or use a model of this machine (docs/guide-local-models.md)`
    : `set ${found.variable} where the daemon starts`;
  const { envKeyInstructions: how } = settings;
  return warn(
    name,
    `turns need a key, and there is none: ${found.why}`,
    `${way}${how === null ? '' : `. ${how}`}`,
    `model_providers.${settings.id}`,
  );
}

const LOG_IN = 'log in with an API key';
const KEY_IN: Readonly<Record<string, string>> = {
  'auth.json': 'the key of a login is used',
  experimental_bearer_token: 'the key is in the configuration',
};

async function reachable(
  settings: ProviderSettings,
  model: string | null,
  context: DoctorContext,
  source: ConfigService,
): Promise<Finding> {
  const id = 'model.reachable';
  const url = new URL(settings.baseUrl);
  const here = isLocal(settings) && isLoopback(url.hostname);
  if (!here && !context.network)
    return skipped(id, `${url.host}: not asked`, 'it is not on this machine: --network asks it');
  if (!isLocal(settings)) return connects(id, url);
  try {
    const options = {
      settings,
      env: context.env,
      codexHome: source.sources.codexHome,
      modelRequirements: () => source.settings().modelRequirements,
    };
    const served = await servedModels(options);
    const list = served.slice(0, SHOWN).join(', ');
    if (served.length === 0) return warn(id, `${settings.name} answers, and has no model`, pull(settings.id, model));
    if (model !== null && !isServed(model, served)) {
      return fail(
        id,
        `${settings.name} answers, and has no model ${model}`,
        pull(settings.id, model),
        `it has: ${list}`,
      );
    }
    return ok(id, `${settings.name} answers`, `it has: ${list}`);
  } catch (error) {
    if (error instanceof ModelError && error.noSuchPath) return ok(id, `${settings.name} answers, and lists no models`);
    if (await listens(url.hostname, portOf(url))) {
      const fix = 'look at what the server said, and at base_url: turns may work all the same';
      return warn(id, `${settings.name} answers, and its list of models cannot be read`, fix, messageOf(error));
    }
    return fail(id, `${settings.name} does not answer`, howToStart(settings.id), messageOf(error));
  }
}
const SHOWN = 10;

function pull(id: string, model: string | null): string {
  const how = localServer(id)?.pull(model ?? 'gpt-oss:20b');
  return how === undefined ? 'load a model into the server, or correct `model`' : `${how}, or correct \`model\``;
}

/** In milliseconds. */
const CONNECT_LIMIT_MS = 5000;

/** Opens a TCP connection and sends nothing. */
async function connects(id: string, url: URL): Promise<Finding> {
  const socket = net.connect({ host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: portOf(url) });
  const opened = new Promise<string | null>((resolve) => {
    socket.once('connect', () => resolve(''));
    socket.once('error', (error) => resolve(error.message));
  });
  const said = await inTime(opened, CONNECT_LIMIT_MS);
  socket.destroy();
  if (said === '') return ok(id, `${url.host} can be connected to`);
  const detail = said ?? `no answer within ${CONNECT_LIMIT_MS / 1000} s`;
  return warn(
    id,
    `${url.host} cannot be connected to`,
    'look at the network, and at HTTPS_PROXY where there is a proxy (a direct connection was tried)',
    detail,
  );
}

/** Finds the model servers that run on this machine, whatever is configured: the servers that `--oss` would find. */
async function localServers(table: TomlTable, { env }: DoctorContext): Promise<Finding> {
  const lines = await Promise.all(
    ['ollama', 'lmstudio'].map(async (id) => {
      const server = localServer(id)!;
      const address = providerSettings(table, id, env)?.baseUrl ?? localBaseUrl(id, server, env);
      if (!URL.canParse(address)) return `${server.name}: ${address} is no address`;
      const url = new URL(address);
      const { hostname } = url;
      if (!isLoopback(hostname)) return `${server.name}: ${hostname} is not this machine`;
      const open = await listens(hostname, portOf(url));
      return `${server.name}: ${open ? 'something listens' : 'nothing listens'} at ${shownUrl(address)}`;
    }),
  );
  return ok('model.local-servers', 'model servers of this machine', lines.join('\n'));
}

const portOf = ({ port, protocol }: URL): number => Number(port) || (protocol === 'http:' ? 80 : 443);

async function listens(host: string, port: number): Promise<boolean> {
  const socket = net.connect({ host: host.replace(/^\[(.*)\]$/, '$1'), port });
  const opened = new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  const open = await inTime(opened, 1000);
  socket.destroy();
  return open === true;
}
