/**
 * The part of the Codex home that commands see.
 *
 * Threat: the Codex home holds the user's tokens (auth.json, .credentials.json, .env), the history of all sessions, and
 * the folder of the daemon's control socket. A mask over one file is lost when a rename replaces the file, as every
 * refresh of a token does.
 * Rule: a private folder of the sandbox replaces the home. Only the listed entries appear in it: configuration and
 * instructions, what commands work on (skills, worktrees), and the certificates of the policy proxy. New entries never
 * appear in a running command.
 * Non-scope: a profile that names one of the hidden paths exposes it.
 */
import { osCode } from '../../errors/os-code.js';
import { listFolder, type FolderEntry } from '../../system/files/path-bytes.js';
import { paths } from '../../system/files/paths.js';

const VISIBLE_FOLDERS: readonly string[] = [
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
];
const VISIBLE_KEYS: ReadonlySet<string> = new Set(VISIBLE_FOLDERS.map(paths.nameKey));
const VISIBLE_FILES: readonly RegExp[] = [
  /^config\.toml$/,
  /^[\w-]+\.config\.toml$/,
  /^AGENTS(\.override)?\.md$/,
  /^hooks\.json$/,
].map((pattern) => (paths.windows ? new RegExp(pattern, 'i') : pattern));

export interface CodexHomeView {
  readonly visible: readonly { readonly name: string; readonly kind: 'folder' | 'file' | 'link' }[];
  /** Names of links that are not visible. Their targets must be hidden at their real places. */
  readonly hiddenLinks: readonly string[];
}

/** Both lists are empty when the home does not exist. */
export function codexHomeView(codexHome: string): CodexHomeView {
  const visible: { name: string; kind: 'folder' | 'file' | 'link' }[] = [];
  const hiddenLinks: string[] = [];
  for (const { name, kind } of list(codexHome)) {
    const link = kind === 'link';
    const folder = kind === 'folder';
    const show =
      VISIBLE_KEYS.has(paths.nameKey(name)) || (!folder && VISIBLE_FILES.some((pattern) => pattern.test(name)));
    if (show) visible.push({ name, kind: link ? 'link' : folder ? 'folder' : 'file' });
    else if (link) hiddenLinks.push(name);
  }
  return { visible, hiddenLinks };
}

function list(folder: string): readonly FolderEntry[] {
  try {
    return listFolder(folder);
  } catch (error) {
    if (osCode(error) === 'ENOENT') return [];
    throw error;
  }
}
