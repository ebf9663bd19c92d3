/** A plugin's MCP server with the places and variables that it may have (plugin-servers.ts has the rule). */
import path from 'node:path';
import { isList, isTable, newTable, type TomlTable, type TomlValue } from '../config/toml/value.js';
import { withFolders, type PluginFolders } from '../hooks/plugin-folders.js';
import { folderInside, pathInside } from './inside.js';

/** A text: why the server is left out. */
export function placedServer(
  server: TomlTable,
  plugin: PluginFolders,
  secrets: ReadonlySet<string>,
): TomlTable | string {
  const secret = namedVariables(server).find((name) => secrets.has(name));
  if (secret !== undefined) return `it asks for ${secret}, which holds a key of a model endpoint`;
  if (server.command === undefined) return server;
  const placed = Object.assign(newTable(), expanded(server, plugin));
  const { command, cwd } = placed;
  if (cwd !== undefined) {
    const folder = typeof cwd === 'string' ? folderOf(cwd, plugin.root) : null;
    if (folder === null) return 'its cwd is no folder of the plugin';
    placed.cwd = folder;
  }
  if (typeof command === 'string' && /^\.{1,2}[\\/]/.test(command)) {
    const program = pathInside(typeof placed.cwd === 'string' ? placed.cwd : plugin.root, command);
    if (program === null) return 'its command leads out of the plugin';
    placed.command = program;
  }
  return placed;
}

function namedVariables({ bearer_token_env_var: token, env_http_headers: headers, env_vars: vars }: TomlTable) {
  const copied = isList(vars) ? vars.map((item) => (isTable(item) ? item.name : item)) : [];
  return [token, ...Object.values(isTable(headers) ? headers : {}), ...copied].filter(
    (name) => typeof name === 'string',
  );
}

/** Relative to the plugin, or the text of `${PLUGIN_ROOT}` itself. */
function folderOf(cwd: string, root: string): string | null {
  return folderInside(root, path.isAbsolute(cwd) ? `./${path.relative(root, cwd)}` : cwd);
}

/** With the plugin's folders in place of their names. */
function expanded(server: TomlTable, folders: PluginFolders): TomlTable {
  const { command, args, env, cwd } = server;
  return Object.assign(newTable(), server, {
    ...(command === undefined ? {} : { command: inValue(command, folders) }),
    ...(args === undefined ? {} : { args: inValue(args, folders) }),
    ...(env === undefined ? {} : { env: inValue(env, folders) }),
    ...(cwd === undefined ? {} : { cwd: inValue(cwd, folders) }),
  });
}

function inValue(value: TomlValue, folders: PluginFolders): TomlValue {
  if (typeof value === 'string') return withFolders(value, folders);
  if (isList(value)) return value.map((item) => inValue(item, folders));
  if (!isTable(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, inValue(item, folders)] as const);
  return Object.assign(newTable(), Object.fromEntries(entries));
}
