/**
 * Rules for the Codex home besides the folder itself: for the names that lead to it, and for the targets of its links.
 *
 * Threat: dotfile managers make links of `config.toml`, `rules` and similar entries. When such a link leads into a
 * writable root, a command can write what the next command or the next daemon obeys. When `CODEX_HOME` or `~/.codex` is
 * itself a link in a writable root, a command can redirect it, and the next daemon obeys another home. Rule: the
 * targets of links in the home (each name, and the names in each folder there) are read-only and cannot be moved.
 * Nothing runs when a link on the way could be redirected, when it leads to a missing path that a command could create,
 * or when it leads to a writable root. Non-scope: a profile that makes the home writable by name; a skill, prompt or
 * memory that the profile itself makes writable (a person who works on a skill has its folder as the workspace). These
 * are instructions, like AGENTS.md of the workspace.
 */
import fs from 'node:fs';
import { paths } from '../../system/files/paths.js';
import { listFolder, nativePath } from '../../system/files/path-bytes.js';
import { codexHomeView } from './codex-home-view.js';
import type { ResolvedPath } from './resolve-path.js';
import type { Rule, Rules } from './rule.js';
import { sandboxRefused } from './sandbox.js';

export interface HomeOptions {
  readonly codexHome: string;
  /** The names by which the next daemon looks for the home. Absolute. */
  readonly homeNames?: readonly string[];
}

/** Folders that commands work in and that nothing obeys. */
const NOT_OBEYED: ReadonlySet<string> = new Set(['worktrees']);
const INSTRUCTIONS: ReadonlySet<string> = new Set(['skills', 'prompts', 'memories']);

/** Returns the rules to add. Throws `sandbox.refused`. */
export function homeRules(rules: Rules, options: HomeOptions): readonly Rule[] {
  for (const name of options.homeNames ?? []) {
    const place = rules.resolve(name);
    const link = place.links.find(({ at }) => canBeTurned(rules, at))?.at;
    if (link === undefined) continue;
    throw sandboxRefused(
      `cannot protect the Codex home ${name}: ${crosses(name, link)} in a folder that commands can write, so they could give the next start another home; move the link out of the writable roots, or replace it by the folder ${place.real}`,
    );
  }
  const home = rules.resolve(options.codexHome).real;
  if (rules.all.get(home)?.access === 'write') return [];
  return linksIn(home).flatMap(({ at, instructs }) => {
    const place = rules.resolve(at);
    assertLeadsSafely(rules, home, place);
    if (rules.accessAt(place.real) !== 'write') return [];
    if (!isRoot(rules, place.real)) return [{ place, access: 'read', pinned: true } as const];
    if (instructs) return [];
    throw sandboxRefused(
      `cannot protect ${at}: it leads to ${place.real}, which holds a folder that commands can write; work elsewhere, or replace the link by a copy`,
    );
  });
}

function linksIn(home: string): readonly { readonly at: string; readonly instructs: boolean }[] {
  return codexHomeView(home)
    .visible.filter(({ name }) => !NOT_OBEYED.has(name))
    .flatMap(({ name, kind }) => {
      const at = paths.native.join(home, name);
      const instructs = INSTRUCTIONS.has(name);
      const inside =
        kind === 'file' ? [] : linkNames(at).map((child) => ({ at: paths.native.join(at, child), instructs }));
      return kind === 'link' ? [{ at, instructs }, ...inside] : inside;
    });
}

function linkNames(folder: string): readonly string[] {
  try {
    return listFolder(folder).flatMap(({ name, kind }) => (kind === 'link' ? [name] : []));
  } catch {
    return []; // A link to a file or to nothing, or unreadable for this user and so for every program that obeys it.
  }
}

function assertLeadsSafely(rules: Rules, home: string, place: ResolvedPath): void {
  const { given, real, links } = place;
  const turned = links.find(({ at }) => !rules.paths.isWithin(at, home) && canBeTurned(rules, at))?.at;
  if (turned !== undefined) {
    throw sandboxRefused(
      `cannot protect ${given}: ${crosses(given, turned)} in a folder that commands can write, so they could turn it elsewhere; let it lead to ${real} directly`,
    );
  }
  const { missingFrom } = place;
  if (
    missingFrom !== null &&
    rules.accessAt(rules.paths.above(missingFrom)) === 'write' &&
    mayWrite(rules.paths.above(missingFrom))
  ) {
    throw sandboxRefused(
      `cannot protect ${given}: it leads to ${real}, which does not exist and which commands could make; remove the link`,
    );
  }
}

const crosses = (given: string, link: string): string =>
  given === link ? 'it is a symbolic link' : `it crosses the symbolic link ${link}`;

/** Whether a folder is a writable root or contains one. */
const isRoot = (rules: Rules, folder: string): boolean =>
  [...rules.all.values()].some(({ access, place }) => access === 'write' && rules.paths.isWithin(place.real, folder));

const canBeTurned = (rules: Rules, link: string): boolean =>
  rules.accessAt(rules.paths.above(link)) === 'write' && mayWrite(rules.paths.above(link));

/** Whether this user, and so its commands, could change a folder without a mount. */
function mayWrite(folder: string): boolean {
  try {
    if (fs.statSync(nativePath(folder)).uid === process.getuid?.()) return true;
    fs.accessSync(nativePath(folder), fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
