/** The names by which hooks and servers of plugins know their folders (docs/protocol/services.md §10). */
export interface PluginFolders {
  /** Its files. Absolute. */
  readonly root: string;
  /** For what it keeps. Absolute. */
  readonly data: string;
}

/** `${PLUGIN_ROOT}`, `${PLUGIN_DATA}`, and the names that another program has for them. */
export const withFolders = (text: string, { root, data }: PluginFolders): string =>
  text.replace(/\$\{(?:CLAUDE_)?PLUGIN_(ROOT|DATA)\}/g, (_, which: string) => (which === 'ROOT' ? root : data));

/** The same for the environment of a program. */
export const folderVariables = ({ root, data }: PluginFolders): Readonly<Record<string, string>> => ({
  PLUGIN_ROOT: root,
  CLAUDE_PLUGIN_ROOT: root,
  PLUGIN_DATA: data,
  CLAUDE_PLUGIN_DATA: data,
});
