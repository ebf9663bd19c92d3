/** The form of a sandbox's file rules, for those who make and who apply them. */
import type { ResolvedPath, PathResolver } from './resolve-path.js';
import type { FilesystemAccess } from '../../config/permissions/permission-profile.js';

export interface Rule {
  readonly place: ResolvedPath;
  readonly access: FilesystemAccess;
  /** The folders above must not be renamed, or the next command's rule would be about another place. */
  readonly pinned: boolean;
}

/** Rules by real path: the nearest one at or above a path decides about it. */
export interface Rules {
  readonly resolve: PathResolver;
  readonly all: ReadonlyMap<string, Rule>;
  /** Folders that must stay where they are, whatever may be done in them. Real paths. */
  readonly pins: ReadonlySet<string>;
  /** Files that are removed when the command has ended, should it have made them. */
  readonly unwanted: readonly string[];
  /** null: no rule covers the path, so it cannot be seen. */
  accessAt(place: string): FilesystemAccess | null;
}

/** Rules that are being collected. */
export interface RuleBook extends Rules {
  readonly pins: Set<string>;
  readonly unwanted: string[];
  add(rule: Rule): void;
  override(rule: Rule): void;
  /** Denies a place, and takes back whatever is granted at or below it. */
  close(place: ResolvedPath): void;
}
