import path from 'node:path';
import { ALL_FILES, paths } from '../../system/files/paths.js';
import { DANGER_FULL_ACCESS } from './permission-profile.js';
import type { FilesystemEntry, PermissionProfile } from './permission-profile.js';

/** `sandboxPolicy` of the wire, decoded, defaults filled in (docs/protocol/exec.md §7). */
export type SandboxPolicy =
  | { readonly type: 'dangerFullAccess' }
  | { readonly type: 'readOnly'; readonly networkAccess: boolean }
  | { readonly type: 'externalSandbox'; readonly networkAccess: 'restricted' | 'enabled' }
  | {
      readonly type: 'workspaceWrite';
      /** Absolute. */
      readonly writableRoots: readonly string[];
      readonly networkAccess: boolean;
      readonly excludeTmpdirEnvVar: boolean;
      readonly excludeSlashTmp: boolean;
    };

const READ_EVERYTHING: FilesystemEntry = { target: { kind: 'root' }, access: 'read' };

/** The profile that corresponds to a legacy policy. It has no id and never falls back to the configured profile. */
export function fromSandboxPolicy(policy: SandboxPolicy): PermissionProfile {
  switch (policy.type) {
    case 'dangerFullAccess':
      return { ...DANGER_FULL_ACCESS, id: null };
    case 'externalSandbox':
      return {
        id: null,
        extends: null,
        filesystem: { kind: 'unrestricted' },
        networkEnabled: policy.networkAccess === 'enabled',
        enforcement: 'external',
      };
    case 'readOnly':
      return legacy([READ_EVERYTHING], policy.networkAccess);
    case 'workspaceWrite':
      return legacy(
        [
          READ_EVERYTHING,
          { target: { kind: 'workspaceRoots', subpath: '' }, access: 'write' },
          ...(policy.excludeTmpdirEnvVar ? [] : [{ target: { kind: 'tmpdir' }, access: 'write' } as const]),
          ...(policy.excludeSlashTmp ? [] : [{ target: { kind: 'slashTmp' }, access: 'write' } as const]),
          ...policy.writableRoots.map(
            (root) => ({ target: { kind: 'path', path: path.normalize(root) }, access: 'write' }) as const,
          ),
        ],
        policy.networkAccess,
      );
  }
}

/**
 * The legacy form of a profile, for `sandbox` in answers about threads (docs/protocol/config.md §8). It is less exact
 * than the profile, and it is never read back. `workspaceRoot`: the thread's folder; `tmpdir`: `$TMPDIR` of its
 * commands, if set.
 */
export function toSandboxPolicy(
  profile: PermissionProfile,
  where: { readonly workspaceRoot: string; readonly tmpdir?: string | undefined },
): SandboxPolicy {
  if (profile.enforcement === 'external') {
    return { type: 'externalSandbox', networkAccess: profile.networkEnabled ? 'enabled' : 'restricted' };
  }
  if (profile.filesystem.kind === 'unrestricted') return { type: 'dangerFullAccess' };
  const { entries } = profile.filesystem;
  const rootWritable = entries.some(
    ({ target, access }) =>
      access === 'write' && (target.kind === 'root' || (target.kind === 'path' && target.path === ALL_FILES)),
  );
  if (rootWritable) return writableRoot(entries, profile.networkEnabled, where.workspaceRoot);
  const roots = writableRoots(entries, where);
  if (roots.length === 0) return { type: 'readOnly', networkAccess: profile.networkEnabled };
  const { workspaceRoot, tmpdir } = where;
  const tmpdirWritable = writes(entries, 'tmpdir') || (tmpdir !== undefined && roots.includes(tmpdir));
  const slashTmpWritable = writes(entries, 'slashTmp') || roots.includes('/tmp');
  const workspaceWritable = roots.includes(workspaceRoot);
  return {
    type: 'workspaceWrite',
    // With a writable workspace, flags stand for the temporary folders; without one the list must contain them.
    writableRoots: roots.filter(
      (root) => root !== workspaceRoot && !(workspaceWritable && (root === tmpdir || root === '/tmp')),
    ),
    networkAccess: profile.networkEnabled,
    excludeTmpdirEnvVar: !tmpdirWritable,
    excludeSlashTmp: !slashTmpWritable,
  };
}

function legacy(entries: readonly FilesystemEntry[], networkEnabled: boolean): PermissionProfile {
  return {
    id: null,
    extends: null,
    filesystem: { kind: 'restricted', entries, globScanMaxDepth: null },
    networkEnabled,
    enforcement: 'ours',
  };
}

function writableRoot(
  entries: readonly FilesystemEntry[],
  networkEnabled: boolean,
  workspaceRoot: string,
): SandboxPolicy {
  const narrowed =
    entries.some(({ access }) => access !== 'write') || entries.every(({ target }) => target.kind !== 'root');
  if (!narrowed) {
    return networkEnabled ? { type: 'dangerFullAccess' } : { type: 'externalSandbox', networkAccess: 'restricted' };
  }
  return {
    type: 'workspaceWrite',
    // On Windows the form has no word for all drives: the drive of the workspace stands for them.
    writableRoots: [paths.windows ? paths.parts(workspaceRoot).root : ALL_FILES],
    networkAccess: networkEnabled,
    excludeTmpdirEnvVar: false,
    excludeSlashTmp: false,
  };
}

function writableRoots(
  entries: readonly FilesystemEntry[],
  where: { readonly workspaceRoot: string; readonly tmpdir?: string | undefined },
): string[] {
  const roots = new Set<string>();
  for (const { target, access } of entries) {
    if (access !== 'write') continue;
    if (target.kind === 'path') roots.add(target.path);
    else if (target.kind === 'workspaceRoots') roots.add(path.join(where.workspaceRoot, target.subpath));
    else if (target.kind === 'slashTmp' && !paths.windows) roots.add('/tmp');
    else if (target.kind === 'tmpdir' && where.tmpdir !== undefined) roots.add(where.tmpdir);
  }
  return [...roots];
}

function writes(entries: readonly FilesystemEntry[], kind: 'tmpdir' | 'slashTmp'): boolean {
  return entries.some(({ target, access }) => access === 'write' && target.kind === kind);
}
