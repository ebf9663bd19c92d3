/** The meaning of single parameters of a thread (docs/protocol/threads.md §3). build-thread-state.ts combines them. */
import { osErrorText } from '../../system/node/os-errors.js';
import path from 'node:path';
import { BUILT_IN_PROVIDERS } from '../../config/shape/semantic-checks.js';
import { ConfigError } from '../../errors/config-error.js';
import { isTable, tableAt } from '../../config/toml/value.js';
import { invalidRequest, type RpcError } from '../../errors/rpc-error.js';
import { paths } from '../../system/files/paths.js';
import { readWhole, withFile } from '../../system/files/open-file.js';
import { toSandboxPolicy } from '../../config/permissions/legacy-sandbox-policy.js';
import type { ThreadEnvironment, TurnEnvironmentParams } from '../../../schema/protocol/common/environment.js';
import type { Wire } from '../../../schema/shape/kit.js';
import type { SandboxPolicy } from '../../config/permissions/legacy-sandbox-policy.js';
import type { PermissionProfile } from '../../config/permissions/permission-profile.js';
import type { TomlTable } from '../../config/toml/value.js';

export type Environment = Wire<typeof ThreadEnvironment>;
type AskedEnvironment = Wire<typeof TurnEnvironmentParams>;

/** An absolute, normalised folder; the disk is not read. `''` and null: the daemon's folder; `~`: the user's home. */
export function folderOf(
  asked: string | null | undefined,
  daemon: { readonly cwd: string; readonly home: string },
): string {
  const text = asked ?? '';
  const inHome = paths.inHome(text, daemon.home);
  return inHome === null ? path.resolve(daemon.cwd, text) : path.normalize(inHome);
}

/** The environments that a client requested. Throws RpcError, because only the local one exists. */
export function environmentsOf(asked: readonly AskedEnvironment[]): Environment[] {
  const seen = new Set<string>();
  return asked.map(({ environmentId, cwd, runtimeWorkspaceRoots }) => {
    if (environmentId !== LOCAL) throw invalidRequest(`unknown turn environment id \`${environmentId}\``);
    if (seen.has(environmentId)) throw invalidRequest(`duplicate turn environment id \`${environmentId}\``);
    seen.add(environmentId);
    for (const folder of [cwd, ...(runtimeWorkspaceRoots ?? [])]) {
      if (!path.isAbsolute(folder)) {
        throw invalidRequest(
          `invalid cwd for environment \`${environmentId}\`: path \`${folder}\` does not use absolute POSIX or Windows path syntax`,
        );
      }
    }
    return { environmentId, cwd: path.resolve(cwd), runtimeWorkspaceRoots: rootsOf(runtimeWorkspaceRoots ?? [cwd]) };
  });
}

const LOCAL = 'local';

export const localEnvironment = (cwd: string, roots: readonly string[]): Environment => ({
  environmentId: LOCAL,
  cwd,
  runtimeWorkspaceRoots: [...roots],
});

/** Normalised, without duplicates. */
export const rootsOf = (folders: readonly string[]): string[] => [
  ...new Set(folders.map((each) => path.resolve(each))),
];

/** The default model, the same as in the reference's catalog. The provider decides which models exist. */
export const DEFAULT_MODEL = 'gpt-6.2-sol';

/** Throws RpcError for an impossible name: stored, it would make the thread unusable. */
export function checkModel(model: string): string {
  if (model.trim() !== '') return model;
  throw invalidRequest('No models are available. Set `model` explicitly or check your model catalog configuration.');
}

export const DEFAULT_PROVIDER = 'openai';

export const isProvider = (id: string, table: TomlTable): boolean =>
  BUILT_IN_PROVIDERS.includes(id) || isTable(tableAt(table, 'model_providers')[id]);

/** The error for a thread whose provider is not configured any more (docs/protocol/threads.md §6). */
export function missingProvider(id: string): RpcError {
  return invalidRequest(
    `This chat uses model provider “${id}”, which is no longer configured. Restore this provider’s configuration to continue.`,
    { type: 'modelProviderNotConfigured', modelProvider: id },
  );
}

/** Tiers that every model accepts. */
const COMMON_TIERS: readonly string[] = ['default', 'flex'];

/** `null` means the default tier. `fast` is the users' name for `priority`. */
export function tierOf(asked: string | null): string {
  return asked === null ? 'default' : asked === 'fast' ? 'priority' : asked;
}

/** Null: the tier can be used; else the text of the thread's warning. */
export function tierProblem(tier: string, model: string): string | null {
  if (COMMON_TIERS.includes(tier)) return null;
  return `The service tier \`${tier}\` is not known to be supported by model \`${model}\`; requests are made without it.`;
}

/** `guardian_subagent` is an older name. */
export const reviewerOf = (asked: string): 'user' | 'auto_review' => (asked === 'user' ? 'user' : 'auto_review');

/** In bytes; no model reads more. */
const MAX_INSTRUCTIONS = 4 * 1024 * 1024;

/** `instructions`, or the content of `model_instructions_file`. Throws ConfigError if the file cannot be read. */
export function configuredInstructions(table: TomlTable): string | null {
  const { instructions, model_instructions_file: file } = table;
  if (typeof file !== 'string') return typeof instructions === 'string' ? instructions : null;
  try {
    return withFile(file, (opened) => readWhole(opened, MAX_INSTRUCTIONS))
      .toString()
      .trim();
  } catch (error) {
    throw new ConfigError(`failed to read model instructions file ${file}: ${osErrorText(error)}`);
  }
}

/** The legacy form of a profile for threads, whose workspace roots may differ from their folder. */
export function sandboxView(profile: PermissionProfile, cwd: string, roots: readonly string[]): SandboxPolicy {
  return toSandboxPolicy(atRoots(profile, roots), { workspaceRoot: cwd, tmpdir: process.env.TMPDIR });
}

function atRoots(profile: PermissionProfile, roots: readonly string[]): PermissionProfile {
  const { filesystem } = profile;
  if (filesystem.kind === 'unrestricted') return profile;
  const entries = filesystem.entries.flatMap((entry) => {
    const { target, access } = entry;
    if (target.kind !== 'workspaceRoots') return [entry];
    return roots.map((root) => ({ target: { kind: 'path', path: path.join(root, target.subpath) } as const, access }));
  });
  return { ...profile, filesystem: { ...filesystem, entries } };
}
