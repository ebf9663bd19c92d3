/** MCP_SERVER_CONFIG: the servers of ~/.claude.json and of .mcp.json that can be said in this agent's words. */
import path from 'node:path';
import { isTable, newTable, tableAt, type TomlTable } from '../../config/toml/value.js';
import { isObject } from '../../system/node/objects.js';
import { addToConfig, configOf } from './config-target.js';
import { chosen, detailsOf, named, type Kind } from './kind.js';
import { objectAt, settingsOf } from './settings.js';
import { readObject } from './source-files.js';
import type { Scope } from './scope.js';

/** Servers by name that the target does not have. */
function newServers(scope: Scope): ReadonlyMap<string, TomlTable> {
  const there = tableAt(configOf(scope), 'mcp_servers');
  const found = new Map<string, TomlTable>();
  for (const [name, value] of Object.entries(sourcesOf(scope))) {
    const server = isObject(value) && !(name in there) ? serverOf(value) : null;
    if (server !== null && /^[\w-]+$/.test(name)) found.set(name, server);
  }
  return new Map([...found].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The user's file names servers of every folder; a person says which ones of a repository are wanted. */
function sourcesOf(scope: Scope): Readonly<Record<string, unknown>> {
  const user = readObject({ confined: null }, path.join(scope.home, '.claude.json'));
  if (scope.cwd === null) return objectAt(user, 'mcpServers');
  const settings = settingsOf(scope);
  const [enabled, disabled] = [settings.enabledMcpjsonServers, settings.disabledMcpjsonServers];
  const shared = Object.entries(objectAt(readObject(scope, path.join(scope.base, '.mcp.json')), 'mcpServers')).filter(
    ([name]) =>
      !(Array.isArray(disabled) && disabled.includes(name)) && !(Array.isArray(enabled) && !enabled.includes(name)),
  );
  const own = objectAt(objectAt(objectAt(user, 'projects'), scope.cwd), 'mcpServers');
  return { ...Object.fromEntries(shared), ...own };
}

/** Null: the server needs something that cannot be said: another transport, or a text with a variable in it. */
function serverOf(value: Readonly<Record<string, unknown>>): TomlTable | null {
  const { type, command, url } = value;
  if (typeof command === 'string' && (type === undefined || type === 'stdio')) return processOf(value, command);
  if (typeof url === 'string' && (type === 'http' || type === undefined)) return httpOf(value, url);
  return null;
}

function processOf(value: Readonly<Record<string, unknown>>, command: string): TomlTable | null {
  const args = Array.isArray(value.args) ? value.args : [];
  if (![command, ...args].every((word) => typeof word === 'string' && !VARIABLE.test(word))) return null;
  const server = Object.assign(newTable(), { command });
  if (args.length > 0) server.args = args as string[];
  const env = newTable();
  for (const [name, text] of Object.entries(objectAt(value, 'env'))) {
    if (typeof text !== 'string' || VARIABLE.test(text)) return null;
    env[name] = text;
  }
  if (Object.keys(env).length > 0) server.env = env;
  return server;
}

function httpOf(value: Readonly<Record<string, unknown>>, url: string): TomlTable | null {
  if (VARIABLE.test(url) || !URL.canParse(url)) return null;
  const server = Object.assign(newTable(), { url });
  const [plain, fromEnv] = [newTable(), newTable()];
  for (const [name, text] of Object.entries(objectAt(value, 'headers'))) {
    if (typeof text !== 'string') return null;
    const bearer = name.toLowerCase() === 'authorization' ? /^Bearer \$\{(\w+)\}$/.exec(text)?.[1] : undefined;
    const variable = /^\$\{(\w+)\}$/.exec(text)?.[1];
    if (bearer !== undefined) server.bearer_token_env_var = bearer;
    else if (variable !== undefined) fromEnv[name] = variable;
    else if (VARIABLE.test(text)) return null;
    else plain[name] = text;
  }
  if (Object.keys(plain).length > 0) server.http_headers = plain;
  if (Object.keys(fromEnv).length > 0) server.env_http_headers = fromEnv;
  return server;
}

/** What the other agent replaces by a value of the environment. */
const VARIABLE = /\$\{/;

export const serversKind: Kind = {
  itemType: 'MCP_SERVER_CONFIG',
  detect(scope) {
    const names = [...newServers(scope).keys()];
    if (names.length === 0) return null;
    const description = `Migrate MCP servers from ${scope.base} into ${scope.config}`;
    return { description, details: detailsOf({ mcpServers: named(names) }) };
  },
  import(scope, details) {
    const servers = newServers(scope);
    const names = chosen([...servers.keys()], details?.mcpServers);
    const mcp_servers = newTable();
    for (const name of names) {
      const server = servers.get(name);
      if (isTable(server)) mcp_servers[name] = server;
    }
    if (names.length > 0) addToConfig(scope, Object.assign(newTable(), { mcp_servers }));
    return names.map((name) => [name, name] as const);
  },
};
