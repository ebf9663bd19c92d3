/**
 * The permissions of a command in their only internal form. Legacy `sandboxPolicy` and `sandbox_mode` are converted to
 * it (docs/architecture.md). Facts: docs/protocol/config.md §8, docs/protocol/exec.md §7 and §8.
 */

export type FilesystemAccess = 'read' | 'write' | 'deny';

/** The target of a profile's entry, before the folders of the command are known. */
export type FilesystemTarget =
  | { readonly kind: 'root' }
  /** The system paths that every program needs. */
  | { readonly kind: 'minimal' }
  /** Each workspace root of the command; `subpath` is relative, without `.` and `..`; '': the root itself. */
  | { readonly kind: 'workspaceRoots'; readonly subpath: string }
  /** `$TMPDIR` of the command. */
  | { readonly kind: 'tmpdir' }
  | { readonly kind: 'slashTmp' }
  /** Absolute, normalised. */
  | { readonly kind: 'path'; readonly path: string }
  /** Deny only. `base` null: below every workspace root. The pattern is relative to the base. */
  | { readonly kind: 'glob'; readonly base: string | null; readonly pattern: string };

export interface FilesystemEntry {
  readonly target: FilesystemTarget;
  readonly access: FilesystemAccess;
  /** A denial by the requirements: no other entry grants anything at or below it. */
  readonly managed?: true;
}

export type FilesystemPermissions =
  /** All files are accessible, as for the user. */
  | { readonly kind: 'unrestricted' }
  | {
      readonly kind: 'restricted';
      /** The most specific entry counts; a path without an entry is not readable. */
      readonly entries: readonly FilesystemEntry[];
      readonly globScanMaxDepth: number | null;
    };

export interface PermissionProfile {
  /** `:workspace`, a profile's name, or null for one that came from a legacy policy. */
  readonly id: string | null;
  readonly extends: string | null;
  readonly filesystem: FilesystemPermissions;
  /** Whether the profile has network access; the network policy decides which hosts are reachable. */
  readonly networkEnabled: boolean;
  /**
   * `external`: the client says that another program sandboxes the command (`externalSandbox`): codexd does not
   * restrict files and only sets the environment marks (docs/protocol/exec.md §7).
   */
  readonly enforcement: 'ours' | 'external';
}

const WORKSPACE = { kind: 'workspaceRoots', subpath: '' } as const;

/** `:read-only`: all files are readable, none is writable. */
export const READ_ONLY: PermissionProfile = {
  id: ':read-only',
  extends: null,
  filesystem: {
    kind: 'restricted',
    entries: [{ target: { kind: 'root' }, access: 'read' }],
    globScanMaxDepth: null,
  },
  networkEnabled: false,
  enforcement: 'ours',
};

/** `:workspace`: as `:read-only`, but the workspace roots and the temporary folders are writable. */
export const WORKSPACE_WRITE: PermissionProfile = {
  id: ':workspace',
  extends: null,
  filesystem: {
    kind: 'restricted',
    entries: [
      { target: { kind: 'root' }, access: 'read' },
      { target: WORKSPACE, access: 'write' },
      { target: { kind: 'tmpdir' }, access: 'write' },
      { target: { kind: 'slashTmp' }, access: 'write' },
    ],
    globScanMaxDepth: null,
  },
  networkEnabled: false,
  enforcement: 'ours',
};

/** `:danger-full-access`: no sandbox, network on. */
export const DANGER_FULL_ACCESS: PermissionProfile = {
  id: ':danger-full-access',
  extends: null,
  filesystem: { kind: 'unrestricted' },
  networkEnabled: true,
  enforcement: 'ours',
};

/** Whether commands may read every file, except files that no command sees (those of the Codex home). */
export function readsEverything({ filesystem, enforcement }: PermissionProfile): boolean {
  if (filesystem.kind === 'unrestricted' || enforcement === 'external') return true;
  const { entries } = filesystem;
  return entries.every(({ access }) => access !== 'deny') && entries.some(({ target }) => target.kind === 'root');
}
