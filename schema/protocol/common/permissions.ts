/** Permissions of commands, approval policies, and grants (docs/protocol/config.md §8). */
import {
  alias,
  bool,
  choice,
  defaulted,
  gated,
  list,
  nonZeroUsize,
  nullish,
  omitted,
  oneOf,
  optional,
  struct,
  tagged,
  text,
  u32,
  word,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { AbsolutePathBuf, LegacyAppPathString } from './paths.js';

export const ActivePermissionProfile = struct('ActivePermissionProfile', {
  id: text,
  extends: nullish(text),
});
export type ActivePermissionProfile = Wire<typeof ActivePermissionProfile>;

export const FileSystemSpecialPath = tagged('FileSystemSpecialPath', 'kind', {
  root: {},
  minimal: {},
  project_roots: {
    subpath: nullish(LegacyAppPathString),
  },
  tmpdir: {},
  slash_tmp: {},
  unknown: {
    path: text,
    subpath: nullish(LegacyAppPathString),
  },
});
export type FileSystemSpecialPath = Wire<typeof FileSystemSpecialPath>;

export const FileSystemPath = tagged('FileSystemPath', 'type', {
  path: {
    path: LegacyAppPathString,
  },
  glob_pattern: {
    pattern: text,
  },
  special: {
    value: FileSystemSpecialPath,
  },
});
export type FileSystemPath = Wire<typeof FileSystemPath>;

export const FileSystemAccessMode = oneOf('FileSystemAccessMode', ['read', 'write', 'deny']);
export type FileSystemAccessMode = Wire<typeof FileSystemAccessMode>;

export const FileSystemSandboxEntry = struct('FileSystemSandboxEntry', {
  path: FileSystemPath,
  access: FileSystemAccessMode,
});
export type FileSystemSandboxEntry = Wire<typeof FileSystemSandboxEntry>;

export const AdditionalFileSystemPermissions = struct('AdditionalFileSystemPermissions', {
  read: nullish(list(LegacyAppPathString)),
  write: nullish(list(LegacyAppPathString)),
  globScanMaxDepth: omitted(nonZeroUsize),
  entries: omitted(list(FileSystemSandboxEntry)),
});
export type AdditionalFileSystemPermissions = Wire<typeof AdditionalFileSystemPermissions>;

export const AdditionalNetworkPermissions = struct('AdditionalNetworkPermissions', {
  enabled: nullish(bool),
});
export type AdditionalNetworkPermissions = Wire<typeof AdditionalNetworkPermissions>;

export const AdditionalPermissionProfile = struct('AdditionalPermissionProfile', {
  network: nullish(AdditionalNetworkPermissions),
  fileSystem: nullish(AdditionalFileSystemPermissions),
});
export type AdditionalPermissionProfile = Wire<typeof AdditionalPermissionProfile>;

export const ApprovalsReviewer = oneOf('ApprovalsReviewer', ['user', 'auto_review', 'guardian_subagent']);
export type ApprovalsReviewer = Wire<typeof ApprovalsReviewer>;

export const AskForApproval = choice('AskForApproval', {
  untrusted: word,
  'on-request': word,
  granular: gated(
    struct(null, {
      sandbox_approval: bool,
      rules: bool,
      skill_approval: defaulted(bool, false),
      request_permissions: defaulted(bool, false),
      mcp_elicitations: bool,
    }),
  ),
  never: word,
});
export type AskForApproval = Wire<typeof AskForApproval>;

export const NetworkAccess = oneOf('NetworkAccess', ['restricted', 'enabled']);
export type NetworkAccess = Wire<typeof NetworkAccess>;

export const SandboxPolicy = tagged(
  'SandboxPolicy',
  'type',
  {
    dangerFullAccess: {},
    readOnly: {
      networkAccess: defaulted(bool, false),
    },
    externalSandbox: {
      networkAccess: defaulted(NetworkAccess, 'restricted'),
    },
    workspaceWrite: {
      writableRoots: defaulted(list(AbsolutePathBuf), []),
      networkAccess: defaulted(bool, false),
      excludeTmpdirEnvVar: defaulted(bool, false),
      excludeSlashTmp: defaulted(bool, false),
    },
  },
  { called: 'SandboxPolicyDeserialize' },
);
export type SandboxPolicy = Wire<typeof SandboxPolicy>;

export const ExecPolicyAmendment = alias('ExecPolicyAmendment', list(text));
export type ExecPolicyAmendment = Wire<typeof ExecPolicyAmendment>;

export const NetworkApprovalProtocol = oneOf('NetworkApprovalProtocol', ['http', 'https', 'socks5Tcp', 'socks5Udp']);
export type NetworkApprovalProtocol = Wire<typeof NetworkApprovalProtocol>;

export const NetworkApprovalContext = struct('NetworkApprovalContext', {
  host: text,
  protocol: NetworkApprovalProtocol,
});
export type NetworkApprovalContext = Wire<typeof NetworkApprovalContext>;

export const SandboxMode = oneOf('SandboxMode', ['read-only', 'workspace-write', 'danger-full-access']);
export type SandboxMode = Wire<typeof SandboxMode>;

export const SandboxWorkspaceWrite = struct('SandboxWorkspaceWrite', {
  writable_roots: defaulted(list(text), []),
  network_access: defaulted(bool, false),
  exclude_tmpdir_env_var: defaulted(bool, false),
  exclude_slash_tmp: defaulted(bool, false),
});
export type SandboxWorkspaceWrite = Wire<typeof SandboxWorkspaceWrite>;

export const GrantedPermissionProfile = struct('GrantedPermissionProfile', {
  network: omitted(AdditionalNetworkPermissions),
  fileSystem: omitted(AdditionalFileSystemPermissions),
});
export type GrantedPermissionProfile = Wire<typeof GrantedPermissionProfile>;

export const RequestPermissionProfile = struct(
  'RequestPermissionProfile',
  {
    network: nullish(AdditionalNetworkPermissions),
    fileSystem: nullish(AdditionalFileSystemPermissions),
  },
  { strict: true },
);
export type RequestPermissionProfile = Wire<typeof RequestPermissionProfile>;

export const PermissionGrantScope = oneOf('PermissionGrantScope', ['turn', 'session']);
export type PermissionGrantScope = Wire<typeof PermissionGrantScope>;

export const PermissionProfileListParams = struct('PermissionProfileListParams', {
  cursor: optional(text),
  limit: optional(u32),
  cwd: optional(text),
});
export type PermissionProfileListParams = Wire<typeof PermissionProfileListParams>;

export const PermissionProfileSummary = struct('PermissionProfileSummary', {
  id: text,
  description: nullish(text),
  allowed: bool,
});
export type PermissionProfileSummary = Wire<typeof PermissionProfileSummary>;

export const PermissionProfileListResponse = struct('PermissionProfileListResponse', {
  data: list(PermissionProfileSummary),
  nextCursor: nullish(text),
});
export type PermissionProfileListResponse = Wire<typeof PermissionProfileListResponse>;
