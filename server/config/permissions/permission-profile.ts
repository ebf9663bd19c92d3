/**
 * What a command may touch, in one form. Legacy `sandboxPolicy` and `sandbox_mode` are projected into it and never kept
 * beside it (docs/architecture.md). Facts: docs/protocol/config.md §8, docs/protocol/exec.md §7 and §8.
 */

export type FilesystemAccess = 'read' | 'write' | 'deny';

/** Where an entry of a profile points, before the command's own folders are known. */
export type FilesystemTarget =
  | { readonly kind: 'root' }
  /** System paths needed to run programs at all. */
  | { readonly kind: 'minimal' }
  /** Every workspace root of the command; `subpath` is relative, without `.` and `..`; '' is the root itself. */
  | { readonly kind: 'workspaceRoots'; readonly subpath: string }
  /** `$TMPDIR` as the command sees it. */
  | { readonly kind: 'tmpdir' }
  | { readonly kind: 'slashTmp' }
  /** Absolute, normalised. */
  | { readonly kind: 'path'; readonly path: string }
  /** Deny only. `base` null: below every workspace root. The pattern is relative to the base. */
  | { readonly kind: 'glob'; readonly base: string | null; readonly pattern: string };

export interface FilesystemEntry {
  readonly target: FilesystemTarget;
  readonly access: FilesystemAccess;
  /** A denial of the requirements: nothing at or below it is granted, whatever other entries say. */
  readonly managed?: true;
}

export type FilesystemPermissions =
  /** No file is out of reach: the command runs as the user would run it. */
  | { readonly kind: 'unrestricted' }
  | {
      readonly kind: 'restricted';
      /** The most specific entry wins; nothing is readable that no entry covers. */
      readonly entries: readonly FilesystemEntry[];
      readonly globScanMaxDepth: number | null;
    };

export interface PermissionProfile {
  /** `:workspace`, a profile's name, or null for one that came from a legacy policy. */
  readonly id: string | null;
  readonly extends: string | null;
  readonly filesystem: FilesystemPermissions;
  /** Whether the profile turns the network on at all; what is reachable then is the network policy's business. */
  readonly networkEnabled: boolean;
  /**
   * `external`: the client says that something else sandboxes the command (`externalSandbox`): files are not enforced
   * by us, only the environment marks are set (docs/protocol/exec.md §7).
   */
  readonly enforcement: 'ours' | 'external';
}

const WORKSPACE = { kind: 'workspaceRoots', subpath: '' } as const;

/** `:read-only`: everything is readable, nothing writable. */
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

/** `:workspace`: as read-only, and the workspace roots and the temp folders are writable. */
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

/** Whether commands may read every file, but for those that no command sees (the Codex home's own). */
export function readsEverything({ filesystem, enforcement }: PermissionProfile): boolean {
  if (filesystem.kind === 'unrestricted' || enforcement === 'external') return true;
  const { entries } = filesystem;
  return entries.every(({ access }) => access !== 'deny') && entries.some(({ target }) => target.kind === 'root');
}
