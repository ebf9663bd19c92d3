/** The turns of one daemon: models, tools, approvals. */
import type { RuleBook } from '../config/rules/rule-book.js';
import type { ConfigService } from '../config/settings/config-service.js';
import { tableAt } from '../config/toml/value.js';
import { writeConfig } from '../config/write/write-config.js';
import type { Supervisor } from '../exec/supervisor.js';
import type { Logger } from '../log/log.js';
import { threadPrompter } from './approvals/thread-prompter.js';
import type { LiveThread, ThreadState } from './live/live-thread.js';
import { firstContext } from './context/first-context.js';
import type { LiveThreads } from './live/live-threads.js';
import { createModelInfo, type ModelInfoOf } from './model/model-info.js';
import { aboutUnknown } from './model/unknown-model.js';
import { createServedWindows } from './model/served-window.js';
import { installationId } from './model/installation-id.js';
import { createModelProviders } from './model/model-providers.js';
import type { AccountAccess } from './model/provider/credentials.js';
import type { ToolDefinition } from './model/provider/model-provider.js';
import type { SessionCounts } from '../metrics/session-counts.js';
import { applyPatchTool } from './tools/apply-patch/apply-patch-tool.js';
import { createPatchApplier } from './tools/apply-patch/apply-patch.js';
import { mcpTool } from './tools/mcp/mcp-call.js';
import { mcpDefinitions, offeredTool } from './tools/mcp/offered-tools.js';
import { resourceTools } from './tools/mcp/resource-tools.js';
import { dynamicDefinitions, dynamicTool } from './tools/dynamic-tool.js';
import { execCommand } from './tools/shell/exec-command-tool.js';
import { outputBudget } from './tools/shell/session-report.js';
import { writeStdin } from './tools/shell/write-stdin.js';
import { requestPermissions } from './tools/shell/request-permissions.js';
import { requestUserInput } from './tools/request-user-input.js';
import { createToolbox } from './tools/toolbox.js';
import { updatePlan } from './tools/update-plan.js';
import { viewImage } from './tools/view-image.js';
import { notifyProgram } from './turn/notify-program.js';
import { tokenProgram } from './turn/token-program.js';
import { createFollowUps } from './turn/follow-ups.js';
import { createGoals } from './agenda/goals.js';
import { promised } from './turn/promised-turn.js';
import { createTurns, type Turns } from './turn/turns.js';
import { assertInputKinds, assertInputSize, type InputPart } from './turn/user-input.js';
import { PROTOCOL_VERSION } from '../package/package-version.js';
import type { Catalog } from './catalog/catalog.js';
import { goalTools } from './tools/goal-tools.js';
import type { QueueDeps } from './agenda/thread-queue.js';
import type { OutputFile } from '../system/files/output-file.js';

export interface TurnPartsOptions {
  readonly codexHome: string;
  readonly source: ConfigService;
  readonly catalog: Catalog;
  readonly threads: LiveThreads;
  readonly supervisor: () => Promise<Supervisor>;
  readonly rules: RuleBook;
  readonly account: () => Promise<{ readonly access: AccountAccess }>;
  readonly counts: SessionCounts;
  /** The file that records the models' answers; null: no recording. */
  readonly recordTo: OutputFile | null;
  /** The daemon serves `codexd exec`. */
  readonly forExec: boolean;
  /** The daemon's environment. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly log: Logger;
}

export function createTurnParts(options: TurnPartsOptions) {
  const { codexHome, source, catalog, threads, supervisor, rules, recordTo, env, log } = options;
  const windows = createServedWindows({ env, codexHome, modelRequirements: () => source.settings().modelRequirements });
  const catalogInfo = createModelInfo((message) => log.warn(message));
  const modelInfo: ModelInfoOf = (state) => {
    const info = catalogInfo(state);
    const window = info.contextWindow === null ? windows.known(state) : null;
    return window === null ? info : { ...info, contextWindow: window };
  };
  const budget = (state: ThreadState) => outputBudget(state, modelInfo);
  const goals = createGoals(catalog);
  const patches = createPatchApplier({ supervisor, env, codexHome });
  const clientTool = dynamicTool(modelInfo);
  const toolbox = createToolbox({
    tools: [
      execCommand({
        supervisor,
        modelInfo,
        rules,
        prompter: threadPrompter,
        applyPatch: patches.apply,
        env,
      }),
      writeStdin(modelInfo),
      ...resourceTools({ budget }),
      updatePlan,
      requestUserInput,
      requestPermissions,
      applyPatchTool(patches, modelInfo),
      viewImage({ supervisor, env, codexHome }, modelInfo),
      ...goalTools(goals),
    ],
    otherTool(call, state, thread) {
      const offered = call.namespace === null ? null : offeredTool(thread.runtime, call.namespace, call.name);
      if (offered === null) return clientTool(call, state);
      return mcpTool(offered, {
        budget,
        images: modelInfo,
        writeConfig: (request) => writeConfig(source, request),
      });
    },
    more: (state, { runtime }) => [...mcpDefinitions(runtime), ...webSearch(state), ...dynamicDefinitions(state)],
  });
  const approvedPrefixes = (): string[][] =>
    rules
      .current()
      .prefixRules.filter(({ decision }) => decision === 'allow')
      .map(({ pattern }) => pattern.map((words) => words.join('|')));
  const turns: Turns = createTurns({
    models: createModelProviders({
      env,
      codexHome,
      installationId: installationId(codexHome),
      recordTo,
      counts: options.counts,
      modelRequirements: () => source.settings().modelRequirements,
      forExec: options.forExec,
      account: async () => (await options.account()).access,
      runTokenCommand: tokenProgram({ supervisor, env, codexHome }),
    }),
    toolbox,
    codexHome,
    approvedPrefixes,
    modelInfo,
    learnModel: async (state) => {
      const { known, contextWindow } = catalogInfo(state);
      const aboutServer = contextWindow === null ? await windows.learn(state) : null;
      return aboutServer ?? (known || windows.known(state) !== null ? null : aboutUnknown(state, env));
    },
    goals,
    onEnd(thread, turn, outcome, client) {
      if (outcome.status === 'completed') void notifyProgram({ supervisor, env, log }, thread, turn, client.name);
      followUps.turnEnded(thread, turn, outcome);
    },
    log,
  });
  const startTurn: NonNullable<QueueDeps['startTurn']> = (thread, queued, client) => {
    const { clientUserMessageId } = queued;
    // The input was decoded when it was queued. Members that the journal omits are those that the decoder sets to null.
    const input = queued.input as unknown as readonly InputPart[];
    assertInputSize(input);
    assertInputKinds(input);
    const { turnId, begin } = turns.submit(thread, {
      input: { input, clientUserMessageId, before: [], toolOutput: null },
      outputSchema: null,
      rootTurnId: null,
      client: client ?? { name: 'codexd', version: PROTOCOL_VERSION, title: null },
    });
    return { turn: promised(turnId, turnId), begin };
  };
  const followUps = createFollowUps({ catalog, threads, turns, goals, startTurn, log });
  return {
    turns,
    startTurn,
    goalChanged: followUps.goalChanged,
    firstContext: (thread: LiveThread) => firstContext(thread, { codexHome, approvedPrefixes: approvedPrefixes() }),
  };
}

/** The endpoint itself runs it: `web_search` is its mode (docs/protocol/turns.md §4). */
function webSearch({ table }: ThreadState): readonly ToolDefinition[] {
  const mode = table.web_search ?? (tableAt(table, 'tools').web_search === false ? 'disabled' : 'cached');
  return mode === 'disabled' ? [] : [{ type: 'web_search', external_web_access: mode === 'live' }];
}
