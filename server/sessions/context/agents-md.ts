/**
 * AGENTS.md: what a person wrote down for the agent, for everywhere and for one project (docs/protocol/turns.md §3).
 *
 * Threat: commands may write in a project. A link that one of them puts there under the name would have the daemon read
 * to the model what commands cannot read: tokens in the Codex home, what the permission profile denies.
 * Rule: a file is opened once, and judged by where it was found to lie: a project's file that is reached by a link
 * counts only where commands could read what it leads to. A project's file that the profile or the requirements deny is
 * not read, whether a link leads to it or not.
 */
import { messageOf } from '../../errors/message-of.js';
import fs from 'node:fs';
import path from 'node:path';
import { FileRefused, liesBelow, openFile, readStartOf, type OpenedFile } from '../../system/files/open-file.js';
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
  /** Absolute, as found: links are not resolved. */
  readonly path: string;
  readonly text: string;
}

export interface AgentsMd {
  /** Of the Codex home; trimmed. */
  readonly everywhere: AgentsFile | null;
  /** From the project's root down to the folder; cut to the budget. */
  readonly project: readonly AgentsFile[];
  /** What was cut or left out, one sentence each. */
  readonly warnings: readonly string[];
}

/** How much of a project's files is read unless `project_doc_max_bytes` says otherwise; the reference's default. */
const DEFAULT_BUDGET_BYTES = 32_768;
/** Nobody writes more than this down by hand. */
const MAX_BYTES = 4 * 1024 * 1024;
const NAMES = ['AGENTS.override.md', 'AGENTS.md'];

/**
 * Reads the files that count for `cwd` under the effective configuration `table`. In one folder the first name counts
 * that exists; a blank file says nothing but still counts as the folder's. Files that cannot be read are left out with
 * a warning.
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
    if (leadsAstray(file, codexHome, profile)) {
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

/** The first of the home's files that says something: an override without a word overrides nothing. */
function ofHome(codexHome: string, warnings: string[]): AgentsFile | null {
  for (const name of NAMES) {
    const file = found(codexHome, [name], warnings);
    const text = file === null ? '' : (read(file, MAX_BYTES, warnings)?.text.trim() ?? '');
    if (file !== null && text !== '') return { path: file.path, text };
  }
  return null;
}

/** What a thread's state says about where to look. */
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

/** The paths that `instructionSources` names, in the order in which the model reads them. */
export function agentsMdSources({ everywhere, project }: AgentsMd): string[] {
  return [...(everywhere === null ? [] : [everywhere]), ...project].map((file) => file.path);
}

/** The content part that tells the model; null when there is nothing to tell. */
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

/** Of a file in the folder itself: a project says what they are called, and must not say where else they lie. */
const isName = (name: string): boolean => name !== '' && name !== '..' && path.basename(name) === name;

interface FoundFile {
  readonly path: string;
  readonly opened: OpenedFile;
}

/**
 * The first of the names that is a file, opened. What is there and cannot be read says nothing, and nothing else
 * counts.
 */
function found(folder: string, names: readonly string[], warnings: string[]): FoundFile | null {
  for (const name of names) {
    const file = path.join(folder, name);
    try {
      return { path: file, opened: openFile(file) };
    } catch (error) {
      if (error instanceof FileRefused ? error.refusal === 'not-a-file' : isMissing(error)) continue;
      // A folder that may not be entered has no instructions for us.
      if (fs.existsSync(file)) warnings.push(`${file} could not be read: ${messageOf(error)}`);
      return null;
    }
  }
  return null;
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

function leadsAstray(
  { path: file, opened: { real } }: FoundFile,
  codexHome: string,
  profile: PermissionProfile,
): boolean {
  if (real === path.join(realPath(path.dirname(file)), path.basename(file))) return false;
  // What exactly a profile denies only the sandbox knows.
  return !readsEverything(profile) || liesBelow(real, codexHome);
}

/** Of a folder. What cannot be resolved is no folder in which anything lies. */
function realPath(folder: string): string {
  try {
    return fs.realpathSync(folder);
  } catch {
    return '';
  }
}

/**
 * At most `limit` bytes; a character that the limit cuts through is left out. `bytes`: what it takes of the limit.
 * Closes it.
 */
function read(
  { path: file, opened }: FoundFile,
  limit: number,
  warnings: string[],
): (AgentsFile & { readonly bytes: number }) | null {
  try {
    const { bytes, size } = readStartOf(opened, limit);
    if (size <= limit) return { path: file, text: bytes.toString(), bytes: bytes.length };
    warnings.push(
      `Only ${limit} of the ${size} bytes of ${file} were loaded, by the limit \`project_doc_max_bytes\`. Shorten the project's instructions or raise the limit.`,
    );
    const text = new TextDecoder().decode(bytes, { stream: true });
    return { path: file, text, bytes: limit };
  } catch (error) {
    warnings.push(`${file} could not be read: ${messageOf(error)}`);
    return null;
  } finally {
    opened.close();
  }
}
