/** The types of a sandbox's file rules, for the modules that create and apply them. */
import type { ResolvedPath, PathResolver } from './resolve-path.js';
import type { LocalPaths } from '../../system/files/paths.js';
import type { FilesystemAccess } from '../../config/permissions/permission-profile.js';

export interface Rule {
  readonly place: ResolvedPath;
  readonly access: FilesystemAccess;
  /** The folders above must not be renamed, because the next command's rule would then be about another place. */
  readonly pinned: boolean;
}

/** Rules by real path: the nearest one at or above a path decides. */
export interface Rules {
  readonly resolve: PathResolver;
  /** What the places of these rules mean. */
  readonly paths: LocalPaths;
  readonly all: ReadonlyMap<string, Rule>;
  /** Folders that cannot be moved, whatever may be done in them. Real paths. */
  readonly pins: ReadonlySet<string>;
  /** Files to remove after the command has ended, if it created them. */
  readonly unwanted: readonly string[];
  /** null: no rule covers the path, so it is not visible. */
  accessAt(place: string): FilesystemAccess | null;
}

/** Rules under construction. */
export interface RulesBuilder extends Rules {
  readonly pins: Set<string>;
  readonly unwanted: string[];
  add(rule: Rule): void;
  override(rule: Rule): void;
  /** Denies a place, and revokes everything that is granted at or below it. */
  close(place: ResolvedPath): void;
}
