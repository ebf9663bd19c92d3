/**
 * thread/start (docs/protocol/threads.md §3): creates a thread and announces it. Its file is created with the first
 * record.
 */
import { describe } from '../../../errors/describe.js';
import type { RequestParams } from '../../../../schema/registry.js';
import { trustProject } from '../../../config/thread/thread-config.js';
import type { Caller, Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import { CODEXD_VERSION } from '../../../package/package-version.js';
import { checkDynamicTools } from '../../state/dynamic-tools.js';
import { readGitInfo } from '../../state/git-info.js';
import type { ThreadState } from '../../live/live-thread.js';
import { providerSettings } from '../../model/provider/provider-settings.js';
import { isLocal, servedModels } from '../../model/served-models.js';
import { environmentsOf } from '../../state/state-parts.js';
import { newThreadState, type BuiltState } from '../../state/build-thread-state.js';
import { refuseTwoPolicies } from '../../state/thread-policy.js';
import type { HistoryMode, SessionMeta } from '../../store/records/rollout-record.js';
import { newId } from '../../store/records/thread-id.js';
import { fromStore, loadedThread, NO_FACTS, warn, type LifecycleDeps } from './lifecycle-common.js';
import { threadAnswer } from './thread-answer.js';
import { prepareServers, requireServers, startServers } from './thread-servers.js';

type Params = RequestParams<'thread/start'>;

/**
 * Order: warnings about the request's configuration; the answer; `thread/started` to all; warnings to the caller, who
 * is subscribed. Mistakes in the params are refused before anything is created, in this order: two policies, the
 * project, environments, configuration, tools, model.
 */
export function threadStartHandler(deps: LifecycleDeps): Handler<'thread/start'> {
  const { store, threads, catalog, codexHome } = deps;
  return async (params, caller, context) => {
    refuseTwoPolicies(params);
    const { projectId, daybreakEnabled } = params;
    if (projectId !== null && !catalog.state().projects.some(({ id }) => id === projectId)) {
      throw invalidRequest(`project not found: ${projectId}`);
    }
    if (params.environments !== null) environmentsOf(params.environments);
    const wanted = await withServedModel(deps, params, build(deps, params));
    const { state, warnings } = await trusted(deps, wanted.params, wanted.built);
    const ofTheConfig = warnings.filter((warning) => !state.hooks.warnings.includes(warning));
    for (const summary of ofTheRequest(deps, ofTheConfig)) caller.notify('configWarning', { summary, details: null });
    const id = newId();
    const mode = params.historyMode ?? 'paginated';
    const meta = newMeta(id, state, caller, {
      mode,
      threadSource: params.threadSource,
      source: deps.sessionSource,
    });
    const created = params.ephemeral === true ? null : fromStore(() => store.create(meta, () => gitOf(meta.cwd)));
    prepareServers(deps, state);
    const writer = await created;
    const how = params.sessionStartSource === 'clear' ? 'cleared' : 'started';
    const live = threads.load({ id, meta, state, writer, how });
    await requireServers(threads, live);
    if (projectId !== null) catalog.write({ k: 'project', id, project: projectId });
    if (daybreakEnabled !== null) catalog.write({ k: 'daybreak', id, on: daybreakEnabled });
    const thread = await loadedThread(deps, live, { ...NO_FACTS, projectId, daybreakEnabled });
    const { answer, warnings: left } = threadAnswer(thread, state, codexHome);
    live.events.join(caller, context);
    context.afterAnswer(() => {
      live.events.announce('thread/started', { thread });
      startServers(live);
      warn(live, [...warnings, ...left]);
    });
    return answer;
  };
}

/**
 * A local server does not have the default model: without a named model the thread gets the first one that the server
 * lists.
 */
async function withServedModel(
  { source, codexHome, env, log }: LifecycleDeps,
  params: Params,
  built: BuiltState,
): Promise<{ params: Params; built: BuiltState }> {
  const { wire, table } = built.state;
  const named = params.model ?? table.model ?? source.settings().modelRequirements.newThread.model;
  const settings = named === null || named === undefined ? providerSettings(table, wire.modelProvider, env) : null;
  if (settings === null || !isLocal(settings)) return { params, built };
  const modelRequirements = () => source.settings().modelRequirements;
  const [model] = await servedModels({ settings, codexHome, env, modelRequirements }).catch((error: Error) => {
    log.warn(...describe(`the models of \`${settings.id}\` cannot be listed`, error));
    return [];
  });
  if (model === undefined) return { params, built };
  const chosen = { ...params, model };
  return { params: chosen, built: newThreadState(source, chosen) };
}

/** Warnings that the daemon's own configuration does not cause: every client received those after `initialize`. */
function ofTheRequest({ source }: LifecycleDeps, warnings: readonly string[]): string[] {
  if (warnings.length === 0) return [];
  const { warnings: told } = newThreadState(source, {});
  return warnings.filter((warning) => !told.includes(warning));
}

function build({ source }: LifecycleDeps, params: Params): BuiltState {
  // Tools are checked before the model, and the state checks the model last.
  const { dynamicTools } = params;
  return newThreadState(source, params, () => {
    if (dynamicTools !== null) checkDynamicTools(dynamicTools);
  });
}

/**
 * A request for write access in a project's folder means that the user trusts the project, unless there is a trust
 * entry already (docs/protocol/config.md §4). From this thread on the project's configuration counts. Only parameters
 * of the request count as trust. A configured write access does not. (In the reference it does.)
 */
async function trusted(deps: LifecycleDeps, params: Params, built: BuiltState): Promise<BuiltState> {
  const { cwd, sandbox, permissions, config } = params;
  const keys = Object.keys(config ?? {}).map((key) => key.split('.', 1)[0]);
  const asked = sandbox !== null || permissions !== null || keys.some((key) => POLICY_KEYS.includes(String(key)));
  const { wire } = built.state;
  const writes = wire.sandboxPolicy.type === 'workspaceWrite' || wire.sandboxPolicy.type === 'dangerFullAccess';
  if (cwd === null || !asked || !writes) return built;
  const root = await trustProject(deps.source, wire.cwd).catch((error: unknown) => {
    deps.log.warn(...describe(`the project of ${wire.cwd} was not marked as trusted`, error));
    return null;
  });
  return root === null ? built : build(deps, params);
}

const POLICY_KEYS: readonly string[] = ['sandbox_mode', 'default_permissions'];

/** The commit at which the thread begins; null: there is no repository. */
export function gitOf(cwd: string): Pick<SessionMeta, 'git'> {
  const git = readGitInfo(cwd);
  return git === null ? {} : { git };
}

/** The first record of a new thread (docs/protocol/threads.md §12.2). */
export function newMeta(
  id: string,
  state: ThreadState,
  caller: Caller,
  options: { readonly mode: HistoryMode; readonly threadSource: string | null; readonly source: string },
): SessionMeta {
  const { wire, runtimeWorkspaceRoots, baseInstructions, dynamicTools } = state;
  return {
    session_id: id,
    id,
    timestamp: new Date().toISOString(),
    cwd: wire.cwd,
    runtime_workspace_roots: runtimeWorkspaceRoots,
    originator: caller.client.name,
    cli_version: CODEXD_VERSION,
    source: options.source,
    ...(options.threadSource === null ? {} : { thread_source: options.threadSource }),
    model_provider: wire.modelProvider,
    ...(baseInstructions === null
      ? {}
      : { base_instructions: { text: baseInstructions, provenance: { type: 'custom' } } }),
    ...(dynamicTools.length === 0 ? {} : { dynamic_tools: dynamicTools }),
    history_mode: options.mode,
  };
}
