/** Where the settings of another agent are, and where those of codexd go: of the user, or of one repository. */
import path from 'node:path';
import { statIfThere } from '../../system/files/look.js';
import { realPath } from '../../system/files/paths.js';

export interface Scope {
  /** The repository as clients name it; null: the user's home. */
  readonly cwd: string | null;
  /** The folder of the other agent's files. Absolute, as are all paths here. */
  readonly source: string;
  /** What holds the folder `source`. */
  readonly base: string;
  readonly home: string;
  /** Nothing is read from elsewhere, nor written through links below it. Null: the user's own files may be links. */
  readonly confined: string | null;
  readonly config: string;
  readonly hooks: string;
  readonly hookFiles: string;
  readonly agents: string;
  readonly skills: string;
  readonly instructions: string;
}

export interface Homes {
  /** The user's. */
  readonly home: string;
  readonly codexHome: string;
}

const SOURCE = '.claude';

export function homeScope({ home, codexHome }: Homes): Scope {
  return {
    cwd: null,
    source: path.join(home, SOURCE),
    base: home,
    home,
    confined: null,
    ...targetsIn(codexHome),
    skills: path.join(path.dirname(codexHome), '.agents', 'skills'),
    instructions: path.join(codexHome, 'AGENTS.md'),
  };
}

/** Null: the folder is in no repository, or its repository is the user's home, whose files are the user's own. */
export function repositoryScope(cwd: string, { home }: Homes): Scope | null {
  if (!path.isAbsolute(cwd)) return null;
  const root = repositoryOf(path.resolve(cwd));
  if (root === null || realPath(root) === realPath(home)) return null;
  return {
    cwd: root,
    source: path.join(root, SOURCE),
    base: root,
    home,
    confined: root,
    ...targetsIn(path.join(root, '.codex')),
    skills: path.join(root, '.agents', 'skills'),
    instructions: path.join(root, 'AGENTS.md'),
  };
}

const targetsIn = (folder: string) => ({
  config: path.join(folder, 'config.toml'),
  hooks: path.join(folder, 'hooks.json'),
  hookFiles: path.join(folder, 'hooks'),
  agents: path.join(folder, 'agents'),
});

function repositoryOf(cwd: string): string | null {
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    if (statIfThere(path.join(folder, '.git')) !== undefined) return folder;
    if (folder === path.dirname(folder)) return null;
  }
}
