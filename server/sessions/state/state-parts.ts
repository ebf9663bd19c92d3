/**
 * What single parameters of a thread mean (docs/protocol/threads.md §3), each on its own; thread-state.ts puts them
 * together.
 */
import { osErrorText } from '../../system/node/os-errors.js';
import path from 'node:path';
import { BUILT_IN_PROVIDERS } from '../../config/shape/semantic-checks.js';
import { ConfigError } from '../../errors/config-error.js';
import { isTable, tableAt } from '../../config/toml/value.js';
import { invalidRequest, type RpcError } from '../../errors/rpc-error.js';
import { readWhole, withFile } from '../../system/files/open-file.js';
import { toSandboxPolicy } from '../../config/permissions/legacy-sandbox-policy.js';
import type { ThreadEnvironment, TurnEnvironmentParams } from '../../../schema/protocol/common/environment.js';
import type { Wire } from '../../../schema/shape/kit.js';
import type { SandboxPolicy } from '../../config/permissions/legacy-sandbox-policy.js';
import type { PermissionProfile } from '../../config/permissions/permission-profile.js';
import type { TomlTable } from '../../config/toml/value.js';

export type Environment = Wire<typeof ThreadEnvironment>;
type AskedEnvironment = Wire<typeof TurnEnvironmentParams>;

/**
 * An absolute, lexically normalised folder; nothing is looked at. `''` and null: the daemon's own; `~`: the user's
 * home.
 */
export function folderOf(
  asked: string | null | undefined,
  daemon: { readonly cwd: string; readonly home: string },
): string {
  const text = asked ?? '';
  if (text === '~' || text.startsWith('~/')) return path.join(daemon.home, text.slice(1));
  return path.resolve(daemon.cwd, text);
}

/** The environments that a client asked for. Throws RpcError; there is only the local one here. */
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

/** Normalised, each once. */
export const rootsOf = (folders: readonly string[]): string[] => [
  ...new Set(folders.map((each) => path.resolve(each))),
];

/**
 * The model used where nothing names one, as the reference's catalog has it; which models there are is the provider's
 * business.
 */
export const DEFAULT_MODEL = 'gpt-6.1-sol';

/** Throws RpcError for a name that cannot be one; stored, it would make the thread unusable. */
export function checkModel(model: string): string {
  if (model.trim() !== '') return model;
  throw invalidRequest('No models are available. Set `model` explicitly or check your model catalog configuration.');
}

export const DEFAULT_PROVIDER = 'openai';

export const isProvider = (id: string, table: TomlTable): boolean =>
  BUILT_IN_PROVIDERS.includes(id) || isTable(tableAt(table, 'model_providers')[id]);

/** What a thread of a provider that is gone is answered (docs/protocol/threads.md §6). */
export function providerGone(id: string): RpcError {
  return invalidRequest(
    `This chat uses model provider “${id}”, which is no longer configured. Restore this provider’s configuration to continue.`,
    { type: 'modelProviderNotConfigured', modelProvider: id },
  );
}

/** Tiers that every model takes. */
const COMMON_TIERS: readonly string[] = ['default', 'flex'];

/** `null` says expressly: the usual one. `fast` is what users call `priority`. */
export function tierOf(asked: string | null): string {
  return asked === null ? 'default' : asked === 'fast' ? 'priority' : asked;
}

/** Null when the tier can be asked for, else what the thread's warning says. */
export function tierProblem(tier: string, model: string): string | null {
  if (COMMON_TIERS.includes(tier)) return null;
  return `The service tier \`${tier}\` is not known to be supported by model \`${model}\`; requests are made without it.`;
}

/** `guardian_subagent` is an older name. */
export const reviewerOf = (asked: string): 'user' | 'auto_review' => (asked === 'user' ? 'user' : 'auto_review');

/** In bytes; no model reads more. */
const MAX_INSTRUCTIONS = 4 * 1024 * 1024;

/** `instructions`, or the file that `model_instructions_file` names. Throws ConfigError when it cannot be read. */
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

/** The legacy view of a profile for threads, whose workspace roots need not be their folder. */
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
