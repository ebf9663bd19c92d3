/**
 * Builds all settings of a thread's turns from a request, the earlier settings, and the configuration.
 *
 * Threat: a continued thread gets more permissions than before, because its settings come from different sources. Rule:
 * settings stay together. A request has precedence (its parameters, then the keys of its `config`), then the recorded
 * earlier settings, then the configuration. If an earlier policy is not understood any more, the configured policy
 * replaces it, with a warning. Requirements are checked for all settings of every origin. At start, resume and fork,
 * forbidden values are clamped, with a warning. A forbidden change of a loaded thread is refused. Scope: start, resume,
 * fork, settings/update, and the permanent parameters of turn/start. Non-scope: the permissions of a single command.
 */
import type { ThreadSettings } from '../../../schema/protocol/threads/thread.js';
import { clampReviewer } from '../../config/settings/clamp-warnings.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { ownConfig, type ThreadConfiguration } from '../../config/thread/thread-config.js';
import { newTable, type TomlTable } from '../../config/toml/value.js';
import type { HookSet } from '../../hooks/discover/discover-hooks.js';
import { activePlugins } from '../../plugins/active-plugins.js';
import type { ThreadState } from '../live/live-thread.js';
import { confinedProfile } from './required-review.js';
import { settingsBefore, type EarlierSettings, type Maybe, type RequestedSettings } from './requested-settings.js';
import {
  checkModel,
  configuredInstructions,
  DEFAULT_MODEL,
  DEFAULT_PROVIDER,
  environmentsOf,
  folderOf,
  isProvider,
  localEnvironment,
  missingProvider,
  reviewerOf,
  rootsOf,
  sandboxView,
  tierOf,
  tierProblem,
} from './state-parts.js';
import { asksForBypass, hookWarnings, threadHooks, withoutBypass } from './thread-hooks.js';
import { configure, orRefused, refuseForbidden, refuseReviewer, refuseTwoPolicies } from './thread-policy.js';

export interface BuiltState {
  readonly state: ThreadState;
  /** Texts of the thread's `warning` notifications. */
  readonly warnings: readonly string[];
}

/**
 * The state of a new thread. `check` is called after the configuration is read and before the model is chosen. Throws
 * RpcError.
 */
export function newThreadState(
  source: ConfigService,
  wishes: RequestedSettings,
  check: () => void = () => {},
): BuiltState {
  return build(source, wishes, null, { check });
}

/** The state of a thread that continues earlier settings (resume, fork). Throws RpcError. */
export function continuedThreadState(
  source: ConfigService,
  wishes: RequestedSettings,
  before: EarlierSettings,
  how: 'resuming' | 'forking' = 'resuming',
): BuiltState {
  const { modelProvider } = before;
  const asked = orRefused(() => ownConfig(withoutBypass(wishes.config ?? {})));
  const known = source.resolve(before.cwd, { config: asked }).effective.table;
  // The recorded provider counts, even if the request names another one (docs/protocol/threads.md §6).
  const pinned = source.settings({ cwd: before.cwd }).modelRequirements.modelProvider !== null;
  if (!pinned && modelProvider !== undefined && !isProvider(modelProvider, known)) throw missingProvider(modelProvider);
  if (!pinned && wishes.modelProvider && !isProvider(wishes.modelProvider, known))
    throw missingProvider(wishes.modelProvider);
  return build(source, wishes, before, { how });
}

/**
 * The state of a loaded thread after a change. The configuration is read again only if the change depends on it. Throws
 * RpcError if the requirements forbid the change; then nothing has changed.
 */
export function changedThreadState(source: ConfigService, state: ThreadState, wishes: RequestedSettings): BuiltState {
  const before = settingsBefore(state);
  const { cwd, permissions, sandboxPolicy, approvalPolicy, environments } = wishes;
  refuseReviewer(source, state, wishes);
  if (
    [cwd, permissions, sandboxPolicy, approvalPolicy, environments].every((wish) => wish === null || wish === undefined)
  )
    return build(source, wishes, before, { unchanged: state });
  refuseTwoPolicies(wishes);
  refuseForbidden(source, wishes);
  return build(source, wishes, before, { held: state.hooks });
}

/**
 * The state of a loaded thread with the current configuration (docs/protocol/config.md §5, `reloadUserConfig`):
 * permissions of commands, their environment, tools, features and hooks. The settings that clients see stay. Throws
 * RpcError.
 */
export function reloadedThreadState(source: ConfigService, state: ThreadState): ThreadState {
  const { cwd } = state.wire;
  const { table, settings, resolved } = configure(source, { cwd }, newTable(), settingsBefore(state), []);
  const { bypassesTrust } = state.hooks;
  const plugins = activePlugins(resolved, state.wire.disabledPluginIds);
  return {
    ...state,
    table,
    settings,
    plugins,
    hooks: threadHooks(resolved, { bypassesTrust, plugins, how: 'reloading' }),
  };
}

interface BuildOptions {
  /** The state of the thread whose configured values are used again. */
  readonly unchanged?: ThreadState;
  /** The hooks of the loaded thread, which stay as long as it stays in its folder. */
  readonly held?: HookSet;
  /** For errors. */
  readonly how?: 'creating' | 'resuming' | 'forking' | 'moving';
  readonly check?: () => void;
}

function build(
  source: ConfigService,
  wishes: RequestedSettings,
  before: EarlierSettings | null,
  { unchanged, held: heldHooks, how = 'creating', check }: BuildOptions = {},
): BuiltState {
  refuseTwoPolicies(wishes);
  const { sources } = source;
  const environments = wishes.environments ? environmentsOf(wishes.environments) : null;
  const cwd =
    wishes.cwd === null || wishes.cwd === undefined ? (before?.cwd ?? sources.cwd) : folderOf(wishes.cwd, sources);
  const moved = before !== null && cwd !== before.cwd;
  const provider = wishes.modelProvider ?? null;
  const ownKeys = withoutBypass(wishes.config ?? {});
  const config = provider === null ? ownKeys : { ...ownKeys, model_provider: provider };
  const asked = orRefused(() => ownConfig(config ?? {}));
  const warnings = [...(before?.warnings ?? [])];
  const configuration = unchanged ?? configure(source, { ...wishes, cwd, config }, asked, before, warnings);
  const disabledPluginIds = [...(wishes.disabledPluginIds ?? before?.disabledPluginIds ?? [])];
  const resolved =
    unchanged === undefined
      ? (configuration as ThreadConfiguration).resolved
      : source.resolve(cwd, { config: unchanged.own });
  const keepsPlugins = unchanged !== undefined && !isOtherList(wishes.disabledPluginIds, unchanged);
  const plugins = keepsPlugins ? unchanged.plugins : activePlugins(resolved, disabledPluginIds);
  const kept = unchanged?.hooks ?? (moved ? undefined : heldHooks);
  const hooks =
    kept !== undefined && (unchanged === undefined || keepsPlugins)
      ? kept
      : threadHooks(resolved, {
          bypassesTrust:
            unchanged?.hooks.bypassesTrust ??
            heldHooks?.bypassesTrust ??
            orRefused(() => asksForBypass(wishes.config ?? {})),
          plugins,
          how: heldHooks === undefined && unchanged === undefined ? how : 'moving',
        });
  if (unchanged === undefined && heldHooks === undefined) warnings.push(...hookWarnings(hooks));
  check?.();
  const { table, own, settings } = configuration;
  const { modelRequirements } = settings;

  /** A configurable value: from the request, else the earlier value, else the configured one. */
  const chosen = <T>(key: string, wish: Maybe<T>, held: T | undefined): T | null => {
    if (wish !== null && wish !== undefined) return wish;
    if (asked[key] === undefined && held !== undefined) return held;
    return (table[key] as T | undefined) ?? null;
  };
  const mode = wishes.collaborationMode ?? null;
  const model = checkModel(
    mode?.settings.model ??
      chosen('model', wishes.model, before?.model) ??
      (before === null ? modelRequirements.newThread.model : null) ??
      DEFAULT_MODEL,
  );
  const asksReviewer = modelRequirements.reviewRequiredOn.includes(model);
  const wanted = chosen('approvals_reviewer', wishes.approvalsReviewer, before?.approvalsReviewer);
  const reviewer = clampReviewer(wanted === null ? null : reviewerOf(wanted), modelRequirements);
  if (reviewer.warning !== null && !asksReviewer && unchanged === undefined) warnings.push(reviewer.warning);
  const profile = asksReviewer ? confinedProfile(configuration.profile, table) : configuration.profile;
  const effort =
    mode === null
      ? (chosen('model_reasoning_effort', wishes.effort, before?.effort) ??
        (before === null ? modelRequirements.newThread.effort : null))
      : (mode.settings.reasoning_effort ?? null);
  const held = mode ?? before?.collaborationMode;
  const tier =
    tierChoice(wishes.serviceTier, asked, table, before) ??
    (before === null && modelRequirements.newThread.tier !== null ? tierOf(modelRequirements.newThread.tier) : null);
  const tierWarning = tier === null || unchanged !== undefined ? null : tierProblem(tier, model);
  if (tierWarning !== null) warnings.push(tierWarning);

  const roots =
    environments !== null
      ? environments.flatMap((environment) => environment.runtimeWorkspaceRoots)
      : wishes.runtimeWorkspaceRoots
        ? rootsOf(wishes.runtimeWorkspaceRoots)
        : rootsAfter(before, cwd, moved);
  const shown =
    environments ??
    (before?.environments && !moved && !wishes.runtimeWorkspaceRoots
      ? before.environments
      : [localEnvironment(cwd, roots)]);
  const wire: ThreadSettings = {
    disabledPluginIds,
    cwd,
    environments: shown,
    approvalPolicy: (unchanged === undefined
      ? (configuration as ThreadConfiguration).approvalPolicy
      : unchanged.wire.approvalPolicy) as ThreadSettings['approvalPolicy'],
    approvalsReviewer: asksReviewer ? 'auto_review' : reviewer.value,
    sandboxPolicy: sandboxView(profile, cwd, roots) as ThreadSettings['sandboxPolicy'],
    activePermissionProfile:
      profile !== configuration.profile
        ? null
        : unchanged === undefined
          ? (configuration as ThreadConfiguration).activePermissionProfile
          : (unchanged.wire.activePermissionProfile ?? null),
    model,
    modelProvider:
      modelRequirements.modelProvider ?? chosen('model_provider', provider, before?.modelProvider) ?? DEFAULT_PROVIDER,
    serviceTier: tierWarning === null ? tier : null,
    effort,
    summary: chosen('model_reasoning_summary', wishes.summary, before?.summary),
    collaborationMode: {
      mode: held?.mode ?? 'default',
      settings: {
        model,
        reasoning_effort: effort,
        developer_instructions: held?.settings.developer_instructions ?? null,
      },
    },
    multiAgentMode: 'explicitRequestOnly',
    personality: chosen('personality', wishes.personality, before?.personality),
  };
  return {
    state: {
      wire,
      profile,
      runtimeWorkspaceRoots: roots,
      own,
      table,
      settings,
      hooks,
      plugins,
      baseInstructions:
        wishes.baseInstructions ?? before?.baseInstructions ?? orRefused(() => configuredInstructions(table)),
      developerInstructions: chosen(
        'developer_instructions',
        wishes.developerInstructions,
        before?.developerInstructions ?? undefined,
      ),
      dynamicTools: wishes.dynamicTools ?? before?.dynamicTools ?? [],
    },
    warnings,
  };
}

/** Whether a wish is for a thread without other plugins than before. */
const isOtherList = (wish: Maybe<readonly string[]>, { wire }: ThreadState): boolean =>
  wish !== null && wish !== undefined && wish.join('\n') !== wire.disabledPluginIds.join('\n');

function tierChoice(
  wish: Maybe<string>,
  asked: TomlTable,
  table: TomlTable,
  before: EarlierSettings | null,
): string | null {
  if (wish !== undefined) return tierOf(wish);
  if (asked.service_tier === undefined && before?.serviceTier !== undefined) return before.serviceTier;
  return typeof table.service_tier === 'string' ? tierOf(table.service_tier) : null;
}

/** If the thread's folder is one of its roots, that root follows the folder; other roots stay. */
function rootsAfter(before: EarlierSettings | null, cwd: string, moved: boolean): string[] {
  if (before?.roots === undefined) return [cwd];
  const followed = before.roots.length === 1 && before.roots[0] === before.cwd;
  return moved && followed ? [cwd] : [...before.roots];
}
