/**
 * What commands see of the Codex home.
 *
 * Threat: it holds the user's tokens (auth.json, .credentials.json, .env), everything that was ever said in any
 * session, and the folder of the daemon's control socket; a mask over one file falls off when the file is replaced by
 * renaming, as every refresh of a token does.
 * Rule: the home itself is replaced by a folder of the sandbox's own, in which only what is listed here shows up: what
 * configures or instructs, what commands are sent to (skills, worktrees), and the certificates of the policy proxy. New
 * entries never appear in a running command.
 * Non-scope: a profile that names one of the hidden paths gets it.
 */
import { listFolder, type FolderEntry } from '../../system/files/path-bytes.js';

const VISIBLE_FOLDERS: ReadonlySet<string> = new Set([
  'agents',
  'bin',
  'hooks',
  'memories',
  'packages',
  'plugins',
  'prompts',
  'proxy',
  'rules',
  'skills',
  'worktrees',
]);
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
  for (const { name, kind } of list(codexHome)) {
    const link = kind === 'link';
    const folder = kind === 'folder';
    const show = VISIBLE_FOLDERS.has(name) || (!folder && VISIBLE_FILES.some((pattern) => pattern.test(name)));
    if (show) visible.push({ name, kind: link ? 'link' : folder ? 'folder' : 'file' });
    else if (link) hiddenLinks.push(name);
  }
  return { visible, hiddenLinks };
}

function list(folder: string): readonly FolderEntry[] {
  try {
    return listFolder(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
