/**
 * What commands see of the Codex home.
 *
 * Threat: it holds the user's tokens (auth.json, .credentials.json, .env), databases with everything that was ever said,
 * and the folder of the daemon's control socket; a mask over one file falls off when the file is replaced by renaming,
 * as every refresh of a token does.
 * Rule: the home itself is replaced by a folder of the sandbox's own, in which only what is listed here shows up: all
 * folders but those named, and the files that configure or instruct. New files never appear in a running command.
 * Non-scope: a profile that names one of the hidden files gets it.
 */
import fs from 'node:fs';

/** spec/network.md §8.2; spec/transport.md for the control socket's folder. */
const HIDDEN_FOLDERS: ReadonlySet<string> = new Set(['app-server-control', 'secrets', 'log', 'sqlite']);
const VISIBLE_FILES: readonly RegExp[] = [
  /^config\.toml$/,
  /^[\w-]+\.config\.toml$/,
  /^AGENTS(\.override)?\.md$/,
  /^hooks\.json$/,
];

export interface CodexHomeView {
  readonly visible: readonly { readonly name: string; readonly kind: 'folder' | 'file' | 'link' }[];
  /** Names of links that are not visible: what they lead to is to be hidden where it really lies. */
  readonly hiddenLinks: readonly string[];
}

/** Both lists are empty when the home does not exist. */
export function codexHomeView(codexHome: string): CodexHomeView {
  const visible: { name: string; kind: 'folder' | 'file' | 'link' }[] = [];
  const hiddenLinks: string[] = [];
  for (const entry of list(codexHome)) {
    const { name } = entry;
    const link = entry.isSymbolicLink();
    // A link to a folder is one: skills and rules may be kept in another repository.
    const folder = entry.isDirectory() || (link && leadsToFolder(`${codexHome}/${name}`));
    const show = folder ? !HIDDEN_FOLDERS.has(name) : VISIBLE_FILES.some((pattern) => pattern.test(name));
    if (show) visible.push({ name, kind: link ? 'link' : folder ? 'folder' : 'file' });
    else if (link) hiddenLinks.push(name);
  }
  return { visible, hiddenLinks };
}

function list(folder: string): fs.Dirent[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function leadsToFolder(link: string): boolean {
  return fs.statSync(link, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
