/**
 * Names of plugins, marketplaces and versions (docs/protocol/services.md §10 "Names"). They become names of folders
 * and of configuration keys.
 *
 * Threat: a marketplace names a plugin, itself or a version so that a path leaves the folder of plugins, or so that
 * two plugins have one folder. Rule: a name has only the characters below, and no empty part between dots. Scope:
 * every name from a marketplace, a plugin.json, a client or the configuration. Non-scope: names of skills, servers
 * and hooks.
 */
export interface PluginId {
  /** `NAME@MARKETPLACE`. */
  readonly id: string;
  readonly name: string;
  readonly marketplace: string;
}

export const pluginId = (name: string, marketplace: string): PluginId => ({
  id: `${name}@${marketplace}`,
  name,
  marketplace,
});

/** Null: the text is no id. */
export function readPluginId(text: string): PluginId | null {
  const at = text.indexOf('@');
  if (at === -1) return null;
  const [name, marketplace] = [text.slice(0, at), text.slice(at + 1)];
  return pluginNameFault(name) === null && marketplaceNameFault(marketplace) === null
    ? pluginId(name, marketplace)
    : null;
}

/** Why a name is none; null: it is one. In characters, all limits. */
export function pluginNameFault(name: string): string | null {
  if (!/^[A-Za-z0-9._-]+$/.test(name) || name.length > MAX_NAME)
    return 'invalid plugin name: only ASCII letters, digits, `.`, `_`, and `-` are allowed';
  return name.split('.').includes('') ? 'invalid plugin name: dots must separate non-empty name segments' : null;
}

export function marketplaceNameFault(name: string): string | null {
  return /^[A-Za-z0-9_-]+$/.test(name) && name.length <= MAX_NAME
    ? null
    : 'invalid marketplace name: only ASCII letters, digits, `_`, and `-` are allowed';
}

export function versionFault(version: string): string | null {
  if (!/^[A-Za-z0-9.+_-]+$/.test(version) || version.length > MAX_NAME)
    return 'invalid plugin version: only ASCII letters, digits, `.`, `+`, `_`, and `-` are allowed';
  return /^\.+$/.test(version) ? 'invalid plugin version: path traversal is not allowed' : null;
}

const MAX_NAME = 128;

/** The version of a plugin that names none. */
export const LOCAL_VERSION = 'local';
