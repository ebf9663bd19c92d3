/**
 * Reads a thread's permissions from its rollout, for resume and fork (docs/protocol/threads.md §12.2).
 *
 * Threat: a file that another program wrote grants more than its thread had. Rule: a profile is used only if all of it
 * is understood; one unknown entry makes the whole profile unreadable. The requirements are checked later, as for every
 * request of a client (config/thread/thread-config.ts). Non-scope: the owner of the file: a program that may write to
 * the Codex home may write config.toml, too.
 */
import path from 'node:path';
import { fromSandboxPolicy } from '../../config/permissions/legacy-sandbox-policy.js';
import { DANGER_FULL_ACCESS } from '../../config/permissions/permission-profile.js';
import { PROTECTED_NAMES } from '../../sandbox/policy/protected-paths.js';
import type {
  FilesystemEntry,
  FilesystemTarget,
  PermissionProfile,
} from '../../config/permissions/permission-profile.js';
import { isDevicePath, paths } from '../../system/files/paths.js';
import { isObject } from '../../system/node/objects.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * The profile in `permission_profile` of a record. `roots`: the workspace roots in that record. Null: it is not
 * understood.
 */
export function profileFromRecord(stored: unknown, roots: readonly string[]): PermissionProfile | null {
  if (!isObject(stored)) return null;
  const { type, network, file_system: files } = stored;
  if (type === 'disabled') return { ...DANGER_FULL_ACCESS, id: null };
  if (network !== 'enabled' && network !== 'restricted') return null;
  const networkEnabled = network === 'enabled';
  const base = { id: null, extends: null, networkEnabled, enforcement: 'ours' } as const;
  if (type === 'external') return { ...base, filesystem: { kind: 'unrestricted' }, enforcement: 'external' };
  if (type !== 'managed' || !isObject(files)) return null;
  if (files.type === 'unrestricted') return { ...base, filesystem: { kind: 'unrestricted' } };
  if (files.type !== 'restricted' || !Array.isArray(files.entries)) return null;
  const entries = entriesFrom(files.entries, roots);
  const depth = files.glob_scan_max_depth ?? null;
  if (entries === null || !(depth === null || (typeof depth === 'number' && depth >= 1))) return null;
  return { ...base, filesystem: { kind: 'restricted', entries, globScanMaxDepth: depth } };
}

/**
 * The profile that `sandbox_policy` of a turn_context means: older versions wrote only that. Null: it is not
 * understood.
 */
export function profileFromSandboxPolicy(stored: unknown): PermissionProfile | null {
  if (!isObject(stored)) return null;
  const { type, network_access: network, writable_roots: roots = [] } = stored;
  switch (type) {
    case 'danger-full-access':
      return fromSandboxPolicy({ type: 'dangerFullAccess' });
    case 'read-only':
      return fromSandboxPolicy({ type: 'readOnly', networkAccess: network === true });
    case 'external-sandbox':
      return fromSandboxPolicy({
        type: 'externalSandbox',
        networkAccess: network === 'enabled' ? 'enabled' : 'restricted',
      });
    case 'workspace-write':
      if (!isTexts(roots) || !roots.every((root) => paths.isAbsolute(root))) return null;
      return fromSandboxPolicy({
        type: 'workspaceWrite',
        writableRoots: roots,
        networkAccess: network === true,
        excludeTmpdirEnvVar: stored.exclude_tmpdir_env_var === true,
        excludeSlashTmp: stored.exclude_slash_tmp === true,
      });
    default:
      return null;
  }
}

/**
 * A record has the folders of the workspace roots; a profile has the roots themselves. If all roots are writable, their
 * entries become one entry again, so that the thread can move to another folder.
 */
function entriesFrom(records: readonly unknown[], roots: readonly string[]): FilesystemEntry[] | null {
  const entries: FilesystemEntry[] = [];
  for (const record of records) {
    const entry = entryFrom(record);
    if (entry === null) return null;
    // The sandbox protects these names below every writable root by itself. As entries they would name old folders.
    if (!isProtection(record as Json, entry)) entries.push(entry);
  }
  const isRoot = ({ target, access }: FilesystemEntry, root: string): boolean =>
    access === 'write' && target.kind === 'path' && target.path === root;
  if (roots.length === 0 || !roots.every((root) => entries.some((entry) => isRoot(entry, root)))) return entries;
  const first = entries.findIndex((entry) => roots.some((root) => isRoot(entry, root)));
  const workspace: FilesystemEntry = { target: { kind: 'workspaceRoots', subpath: '' }, access: 'write' };
  const others = (part: readonly FilesystemEntry[]) =>
    part.filter((entry) => !roots.some((root) => isRoot(entry, root)));
  return [...others(entries.slice(0, first)), workspace, ...others(entries.slice(first))];
}

function entryFrom(record: unknown): FilesystemEntry | null {
  if (!isObject(record)) return null;
  const { access } = record;
  const target = targetFrom(record.path);
  if (target === null || (access !== 'read' && access !== 'write' && access !== 'deny')) return null;
  return target.kind === 'glob' && access !== 'deny' ? null : { target, access };
}

function targetFrom(stored: unknown): FilesystemTarget | null {
  if (!isObject(stored)) return null;
  if (stored.type === 'path') {
    const { path: place } = stored;
    return typeof place === 'string' && paths.isAbsolute(place) ? { kind: 'path', path: path.normalize(place) } : null;
  }
  if (stored.type === 'glob_pattern') return globFrom(stored.pattern);
  if (stored.type !== 'special' || !isObject(stored.value)) return null;
  const { kind, subpath } = stored.value;
  switch (kind) {
    case 'root':
    case 'minimal':
    case 'tmpdir':
      return { kind };
    case 'slash_tmp':
      return { kind: 'slashTmp' };
    case 'project_roots':
      return subpath === undefined || subpath === null || subpath === ''
        ? { kind: 'workspaceRoots', subpath: '' }
        : typeof subpath === 'string' && isBelow(subpath)
          ? { kind: 'workspaceRoots', subpath: path.normalize(subpath) }
          : null;
    default:
      return null;
  }
}

/** An absolute pattern is relative to the last folder before its first wildcard. */
function globFrom(pattern: unknown): FilesystemTarget | null {
  if (typeof pattern !== 'string' || !paths.isAbsolute(pattern)) return null;
  const { root, names } = paths.parts(pattern);
  const wild = names.findIndex((name) => /[*?[{]/.test(name));
  if (wild < 0) return null;
  return {
    kind: 'glob',
    base: root + names.slice(0, wild).join(paths.native.sep),
    pattern: names.slice(wild).join('/'),
  };
}

function isProtection({ missing_path_behavior: missing }: Json, { target, access }: FilesystemEntry): boolean {
  return (
    missing === 'skip' &&
    access === 'read' &&
    target.kind === 'path' &&
    PROTECTED_NAMES.includes(path.basename(target.path))
  );
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
const isBelow = (subpath: string): boolean =>
  path.parse(subpath).root === '' &&
  !isDevicePath(subpath) &&
  subpath.split(paths.windows ? /[\\/]/ : '/').every((name) => name !== '' && name !== '.' && name !== '..');
