/**
 * Reads AGENTS.md: a person's instructions for the agent, in general and for one project (docs/protocol/turns.md §3).
 *
 * Threat: commands may write in a project. A command can create a link with that name. Through it the daemon would read
 * to the model what commands cannot read: tokens in the Codex home, or files that the permission profile denies. Rule:
 * a file is opened once and judged by its resolved path. A project's file that is reached by a link counts only if
 * commands can read the target. A project's file that the profile or the requirements deny is not read, with or without
 * a link.
 */
import { messageOf } from '../../errors/message-of.js';
import fs from 'node:fs';
import path from 'node:path';
import { osCode } from '../../errors/os-code.js';
import { FileRefused, liesBelow, openFile, readStartOf, type OpenedFile } from '../../system/files/open-file.js';
import { paths, realPath } from '../../system/files/paths.js';
import { textOfBytes } from '../../system/files/text-of-bytes.js';
import { findProjectRoot, foldersBetween, markers } from '../../config/layers/project-layers.js';
import {
  readsEverything,
  type FilesystemEntry,
  type PermissionProfile,
} from '../../config/permissions/permission-profile.js';
import { isList } from '../../config/toml/value.js';
import { isDenied } from '../../sandbox/policy/denied-files.js';
import type { TomlTable } from '../../config/toml/value.js';
import type { ThreadState } from '../live/live-thread.js';

export interface AgentsFile {
  /** The absolute path before links are resolved. */
  readonly path: string;
  readonly text: string;
}

export interface AgentsMd {
  /** From the Codex home; trimmed. */
  readonly everywhere: AgentsFile | null;
  /** From the project's root down to the folder; cut to the budget. */
  readonly project: readonly AgentsFile[];
  /** The parts that were cut or omitted, one sentence each. */
  readonly warnings: readonly string[];
}

/** How many bytes of a project's files are read, without `project_doc_max_bytes`; the reference's default. */
const DEFAULT_BUDGET_BYTES = 32_768;
/** Nobody writes more than this by hand. */
const MAX_BYTES = 4 * 1024 * 1024;
const NAMES = ['AGENTS.override.md', 'AGENTS.md'];

/**
 * Reads the files that count for `cwd` under the effective configuration `table`. In each folder the first existing
 * name counts; a blank file counts, too, but has no effect. Unreadable files are omitted with a warning.
 */
export function readAgentsMd(options: {
  readonly cwd: string;
  readonly codexHome: string;
  readonly table: TomlTable;
  readonly profile: PermissionProfile;
  /** Denials of the requirements. */
  readonly denials: readonly FilesystemEntry[];
  readonly workspaceRoots: readonly string[];
}): AgentsMd {
  const { cwd, codexHome, table, profile, denials, workspaceRoots } = options;
  const warnings: string[] = [];
  const everywhere = ofHome(codexHome, warnings);
  const project: AgentsFile[] = [];
  const budget = table.project_doc_max_bytes;
  const limit = typeof budget === 'number' || typeof budget === 'bigint' ? Number(budget) : DEFAULT_BUDGET_BYTES;
  let left = limit;
  const names = [...NAMES, ...fallbackNames(table)];
  const root = findProjectRoot(cwd, markers(table)) ?? cwd;
  for (const folder of limit > 0 ? foldersBetween(root, cwd) : []) {
    const file = found(folder, names, warnings);
    if (file === null) continue;
    if (left <= 0) {
      file.opened.close();
      warnings.push(
        `${file.path} and what lies below it was left out: the ${limit} bytes of \`project_doc_max_bytes\` were used up by the files above. Shorten them or raise the limit.`,
      );
      break;
    }
    if (isDenied(file.opened.real, profile, denials, workspaceRoots)) {
      file.opened.close();
      warnings.push(`${file.path} was left out: the permissions of this thread deny it.`);
      continue;
    }
    if (leadsToUnreadable(file, codexHome, profile)) {
      file.opened.close();
      warnings.push(
        `${file.path} was left out: it is a link to what commands may not read, or could be one. Put the file itself there.`,
      );
      continue;
    }
    const content = read(file, left, warnings);
    if (content === null) continue;
    left -= content.bytes;
    if (content.text.trim() !== '') project.push({ path: content.path, text: content.text });
  }
  return { everywhere, project, warnings };
}

/** The first file in the home with content: an empty override file does not override. */
function ofHome(codexHome: string, warnings: string[]): AgentsFile | null {
  for (const name of NAMES) {
    const file = found(codexHome, [name], warnings);
    const text = file === null ? '' : (read(file, MAX_BYTES, warnings)?.text.trim() ?? '');
    if (file !== null && text !== '') return { path: file.path, text };
  }
  return null;
}

/** The options of readAgentsMd for a thread's state. */
export const agentsMdOf = (
  { wire, table, profile, settings, runtimeWorkspaceRoots }: ThreadState,
  codexHome: string,
): AgentsMd =>
  readAgentsMd({
    cwd: wire.cwd,
    codexHome,
    table,
    profile,
    denials: settings.managedDenials,
    workspaceRoots: [wire.cwd, ...runtimeWorkspaceRoots],
  });

/** The paths for `instructionSources`, in the order in which the model reads them. */
export function agentsMdSources({ everywhere, project }: AgentsMd): string[] {
  return [...(everywhere === null ? [] : [everywhere]), ...project].map((file) => file.path);
}

/** The content part for the model; null: there are no instructions. */
export function agentsMdText({ everywhere, project }: AgentsMd, cwd: string): string | null {
  const texts = project.map(({ text }) => text).join('\n\n');
  if (everywhere === null && texts === '') return null;
  const head = texts === '' ? '# AGENTS.md instructions' : `# AGENTS.md instructions for ${cwd}`;
  const parts = [...(everywhere === null ? [] : [everywhere.text]), ...(texts === '' ? [] : [texts])];
  return `${head}\n\n<INSTRUCTIONS>\n${parts.join('\n\n--- project-doc ---\n\n')}\n</INSTRUCTIONS>`;
}

function fallbackNames(table: TomlTable): string[] {
  const names = table.project_doc_fallback_filenames;
  return isList(names) ? names.filter((name): name is string => typeof name === 'string' && isName(name)) : [];
}

/**
 * Whether it is the name of a file in the folder itself: a project chooses the names, but must not point to other
 * folders.
 */
const isName = (name: string): boolean => name !== '' && name !== '..' && path.basename(name) === name;

interface FoundFile {
  readonly path: string;
  readonly opened: OpenedFile;
}

/** Opens the first of the names that exists. If that file cannot be read, no other name counts. */
function found(folder: string, names: readonly string[], warnings: string[]): FoundFile | null {
  for (const name of names) {
    const file = path.join(folder, name);
    try {
      return { path: file, opened: openFile(file) };
    } catch (error) {
      if (error instanceof FileRefused ? error.refusal === 'not-a-file' : isMissing(error)) continue;
      // A folder that the daemon may not enter has no instructions for it.
      if (fs.existsSync(file)) warnings.push(`${file} could not be read: ${messageOf(error)}`);
      return null;
    }
  }
  return null;
}

const isMissing = (error: unknown): boolean => osCode(error) === 'ENOENT';

function leadsToUnreadable(
  { path: file, opened: { real } }: FoundFile,
  codexHome: string,
  profile: PermissionProfile,
): boolean {
  if (paths.same(real, path.join(realFolder(path.dirname(file)), path.basename(file)))) return false;
  // Only the sandbox knows exactly what a profile denies.
  return !readsEverything(profile) || liesBelow(real, codexHome);
}

/** The resolved path of a folder; a folder that cannot be resolved contains nothing. */
function realFolder(folder: string): string {
  try {
    return realPath(folder);
  } catch {
    return '';
  }
}

/**
 * At most `limit` bytes; a character that the limit cuts is omitted. `bytes`: how much of the limit is used. Closes the
 * file.
 */
function read(
  { path: file, opened }: FoundFile,
  limit: number,
  warnings: string[],
): (AgentsFile & { readonly bytes: number }) | null {
  try {
    const { bytes, size } = readStartOf(opened, limit);
    if (size <= limit) return { path: file, text: textOfBytes(bytes), bytes: bytes.length };
    warnings.push(
      `Only ${limit} of the ${size} bytes of ${file} were loaded, by the limit \`project_doc_max_bytes\`. Shorten the project's instructions or raise the limit.`,
    );
    const text = textOfBytes(bytes, { cut: true });
    return { path: file, text, bytes: limit };
  } catch (error) {
    warnings.push(`${file} could not be read: ${messageOf(error)}`);
    return null;
  } finally {
    opened.close();
  }
}
