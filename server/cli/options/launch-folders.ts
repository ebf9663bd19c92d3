/**
 * Options of `app-server` of 0.171 that say where MCP servers of other programs start. Their values are checked as in
 * the official program; they concern no server of a config.toml, and codexd starts no others.
 */
import path from 'node:path';
import type { OptionSpec } from './command-spec.js';

export const LAUNCH_FOLDERS: readonly OptionSpec[] = [
  {
    long: 'mcp-launch-cwd',
    value: 'SERVER EXECUTABLE DIRECTORY',
    takes: 3,
    repeatable: true,
    checkAll: ([server = '', executable = '', folder = '']) =>
      server === '' ? 'server name must be nonempty UTF-8' : firstRelative(executable, folder),
    help: 'Accepted for compatibility: codexd starts only the servers of config.toml, in the folders that it says',
  },
  {
    long: 'plugin-mcp-launch-cwd',
    value: 'PLUGIN_ID SERVER DIRECTORY',
    takes: 3,
    repeatable: true,
    checkAll: ([plugin = '', server = '', folder = '']) =>
      pluginProblem(plugin) ?? (server === '' ? 'server name must be nonempty UTF-8' : firstRelative(folder)),
    help: 'Accepted for compatibility: codexd loads no plugins',
  },
];

function firstRelative(...places: readonly string[]): string | undefined {
  const relative = places.find((place) => !path.isAbsolute(place));
  return relative === undefined ? undefined : `path is not absolute: ${relative}`;
}

/** An id is `<plugin>@<marketplace>`. */
function pluginProblem(id: string): string | undefined {
  const at = id.lastIndexOf('@');
  const [plugin, marketplace] = [id.slice(0, Math.max(at, 0)), id.slice(at + 1)];
  if (plugin === '' || marketplace === '') return `invalid plugin key \`${id}\`; expected <plugin>@<marketplace>`;
  const allowed = 'only ASCII letters, digits, `.`, `_`, and `-` are allowed';
  return /^[\w.-]+$/.test(plugin) && /^[\w.-]+$/.test(marketplace)
    ? undefined
    : `invalid plugin name: ${allowed} in \`${id}\``;
}
