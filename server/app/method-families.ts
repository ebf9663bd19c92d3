/**
 * Which methods there are, and where their code is: the one table of families. A family is a file of handlers
 * (rpc/connection/define-methods.ts); a part is what is loaded together, with the first request for one of its methods.
 * The names stand here, so that a start knows them without loading any of the code.
 *
 * Rule: every method of the registry stands in exactly one family, or in not-offered.ts; and what a part loads has the
 * methods of its families, no more and no less. Otherwise this file does not compile. docs/methods.md is this table
 * with the files (scripts/generate-methods.mjs).
 */
import type { ClientRequestMethod } from '../../schema/registry.js';
import { invalidRequest } from '../errors/rpc-error.js';
import { part } from './method-part.js';
import type { NOT_OFFERED } from './not-offered.js';

export const METHOD_PARTS = {
  config: part(
    {
      config: [
        'config/read',
        'config/value/write',
        'config/batchWrite',
        'configRequirements/read',
        'permissionProfile/list',
        'experimentalFeature/list',
        'experimentalFeature/enablement/set',
      ],
    },
    async ({ configuration, sessions }) => {
      const [{ configMethods }, { source }] = await Promise.all([
        import('../config/handlers/config-methods.js'),
        configuration(),
      ]);
      // A thread is loaded only where sessions were made.
      const onReload = () => sessions.made()?.reload();
      const threadConfig = (id: string) => {
        const made = sessions.made();
        if (made === null) throw invalidRequest(`thread not found: ${id}`);
        return made.threadConfig(id);
      };
      return { config: configMethods({ source, threadConfig, onReload }) };
    },
  ),
  commandExec: part(
    { commandExec: ['command/exec', 'command/exec/write', 'command/exec/resize', 'command/exec/terminate'] },
    async ({ commands, configuration, cwd, env, rpc }) => {
      const { commandExecMethods } = await import('../exec/methods/command-exec.js');
      const [{ supervisor }, { source }] = await Promise.all([commands(), configuration()]);
      return {
        commandExec: commandExecMethods({ supervisor, settings: source, cwd, env, questions: rpc().questions }),
      };
    },
  ),
  process: part(
    { process: ['process/spawn', 'process/writeStdin', 'process/kill', 'process/resizePty'] },
    async ({ commands, env, log }) => {
      const { processMethods } = await import('../exec/methods/process.js');
      const { supervisor } = await commands();
      return { process: processMethods({ supervisor, env, log: log.child('codexd::exec') }) };
    },
  ),
  networkDecisions: part({ decisions: ['network/decisions/list'] }, async ({ decisions }) => {
    const { decisionMethods } = await import('../network-approval/audit/decisions-list.js');
    return { decisions: decisionMethods((await decisions()).log) };
  }),
  policyTest: part({ policyTest: ['network/policy/test'] }, async (parts) => {
    const [{ policyTestMethods }, { policyTestOptions }] = await Promise.all([
      import('../network-approval/policy-test.js'),
      import('./policy-test-options.js'),
    ]);
    return { policyTest: policyTestMethods(await policyTestOptions(parts)) };
  }),
  threads: part(
    {
      lifecycle: [
        'thread/start',
        'thread/resume',
        'thread/fork',
        'thread/archive',
        'thread/unarchive',
        'thread/delete',
      ],
      loaded: ['thread/loaded/list', 'thread/unsubscribe', 'thread/settings/update', 'thread/inject_items'],
      history: [
        'thread/read',
        'thread/turns/list',
        'thread/items/list',
        'thread/items/read',
        'thread/timeline/list',
        'thread/realtime/list',
        'thread/searchOccurrences',
        'getConversationSummary',
      ],
      rewind: ['thread/revert', 'thread/rollback'],
      turns: [
        'turn/start',
        'turn/steer',
        'turn/interrupt',
        'turn/settings/update',
        'review/start',
        'thread/compact/start',
      ],
      commands: [
        'thread/shellCommand',
        'thread/backgroundTerminals/list',
        'thread/backgroundTerminals/terminate',
        'thread/backgroundTerminals/clean',
      ],
      list: ['thread/list'],
      search: ['thread/search', 'thread/search/stream', 'thread/search/cancel', 'thread/search/stream/cancel'],
      metadata: ['thread/metadata/update', 'thread/name/set', 'thread/readState/update'],
      mcp: [
        'mcpServerStatus/list',
        'config/mcpServer/reload',
        'mcpServer/oauth/login',
        'mcpServer/tool/call',
        'mcpServer/resource/read',
        'mcpServer/event/stream/start',
        'mcpServer/event/stream/stop',
      ],
      memory: ['thread/memoryMode/set', 'thread/memory/read', 'memory/status', 'memory/reset'],
      compress: ['rollout/compress'],
      samples: ['thread/sample', 'thread/sample/cancel'],
      plans: ['thread/prepareApprovedPlan'],
      elicitations: ['thread/increment_elicitation', 'thread/decrement_elicitation'],
      realtimeSessions: [
        'thread/realtime/start',
        'thread/realtime/appendAudio',
        'thread/realtime/appendText',
        'thread/realtime/appendSpeech',
        'thread/realtime/stop',
        'thread/realtime/listVoices',
      ],
      goals: ['thread/goal/set', 'thread/goal/get', 'thread/goal/clear'],
      queue: [
        'thread/queue/add',
        'thread/queue/list',
        'thread/queue/update',
        'thread/queue/delete',
        'thread/queue/reorder',
        'thread/queue/start',
      ],
      sections: [
        'threadSection/list',
        'threadSection/create',
        'threadSection/update',
        'threadSection/delete',
        'thread/section/move',
      ],
      attachments: [
        'thread/attachment/add',
        'thread/attachment/list',
        'thread/attachment/remove',
        'thread/attachmentOwner/list',
      ],
      projects: [
        'project/list',
        'project/read',
        'project/create',
        'project/import',
        'project/update',
        'project/move',
        'project/delete',
      ],
    },
    async ({ sessions }) => (await sessions()).methods,
  ),
  files: part(
    {
      files: [
        'fs/readFile',
        'fs/writeFile',
        'fs/createDirectory',
        'fs/getMetadata',
        'fs/readDirectory',
        'fs/remove',
        'fs/copy',
        'fs/watch',
        'fs/unwatch',
      ],
    },
    async ({ log }) => {
      const { fileMethods } = await import('../client-files/file-methods.js');
      return { files: fileMethods({ log: log.child('codexd::files') }) };
    },
  ),
  fileSearch: part(
    {
      fileSearch: [
        'fuzzyFileSearch',
        'fuzzyFileSearch/sessionStart',
        'fuzzyFileSearch/sessionUpdate',
        'fuzzyFileSearch/sessionStop',
      ],
    },
    async ({ cwd, env, log }) => {
      const { fileSearchMethods } = await import('../file-search/file-search-methods.js');
      return { fileSearch: fileSearchMethods({ cwd, env, log: log.child('codexd::files') }) };
    },
  ),
  console: part({ console: ['console/link'] }, async ({ rpc }) => {
    const { consoleMethods } = await import('./console-methods.js');
    return { console: consoleMethods(rpc()) };
  }),
  operator: part(
    {
      operator: [
        'operator/overview/read',
        'operator/connections/list',
        'operator/commands/list',
        'operator/commands/tree',
        'operator/commands/watch',
        'operator/commands/unwatch',
        'operator/commands/write',
        'operator/commands/resize',
        'operator/commands/terminate',
        'operator/prompts/list',
        'operator/prompts/item',
        'operator/prompts/answer',
        'operator/network/allowForSession',
      ],
    },
    async (parts) => {
      const [{ operatorMethods }, { operatorOptions }] = await Promise.all([
        import('../operator/operator-methods.js'),
        import('./operator-options.js'),
      ]);
      return { operator: operatorMethods(await operatorOptions(parts)) };
    },
  ),
  diagnostics: part(
    { diagnostics: ['server/diagnostics', 'mock/experimentalMethod'] },
    async ({ requestsInFlight, sessions }) => {
      const { diagnosticMethods } = await import('../services/machine/diagnostics-methods.js');
      const gauges = () => ({
        'app.requests.in_flight': requestsInFlight(),
        'app.server_requests.pending': sessions.made()?.counts().questions ?? 0,
        'core.turns.active': sessions.made()?.counts().running ?? 0,
      });
      return { diagnostics: diagnosticMethods({ gauges }) };
    },
  ),
  git: part({ git: ['gitDiffToRemote'] }, async ({ commands, configuration, env }) => {
    const [{ gitMethods }, { source }] = await Promise.all([
      import('../services/git/git-diff-to-remote.js'),
      configuration(),
    ]);
    return { git: gitMethods({ supervisor: async () => (await commands()).supervisor, source, env }) };
  }),
  services: part(
    {
      account: [
        'account/read',
        'account/bedrock/checkGovCloudRequirements',
        'account/bedrock/discover',
        'account/bedrock/setup',
        'account/gcp/setup',
        'getAuthStatus',
      ],
      accountLogin: ['account/login/start', 'account/login/cancel', 'account/logout'],
      accountUsage: [
        'account/rateLimits/read',
        'account/usage/read',
        'account/workspaceMessages/read',
        'account/sendAddCreditsNudgeEmail',
        'account/rateLimitResetCredit/consume',
        'account/securitySetup/read',
      ],
      accountSessions: ['accountSession/list', 'accountSession/switch'],
      gatewayOauth: ['account/gatewayOAuth/read', 'account/gatewayOAuth/login', 'account/gatewayOAuth/cancel'],
      models: [
        'model/list',
        'modelProvider/list',
        'modelProvider/config/write',
        'modelProvider/default/set',
        'modelProvider/capabilities/read',
        'collaborationMode/list',
      ],
      skills: ['skills/list', 'skills/extraRoots/set', 'skills/config/write'],
      extensions: ['hooks/list', 'app/list', 'app/installed', 'app/read'],
      plugins: [
        'marketplace/add',
        'marketplace/remove',
        'marketplace/upgrade',
        'plugin/list',
        'plugin/installed',
        'plugin/search',
        'plugin/reconcile',
        'plugin/read',
        'plugin/install',
        'plugin/uninstall',
      ],
      feedback: ['feedback/save', 'feedback/upload'],
      externalAgent: [
        'externalAgentConfig/detect',
        'externalAgentConfig/import',
        'externalAgentConfig/import/recordHistory',
        'externalAgentConfig/import/readHistories',
      ],
      userVerification: [
        'userVerification/status',
        'userVerification/enroll',
        'userVerification/delete',
        'userVerification/verify',
        'userVerification/cancel',
      ],
      remoteControl: [
        'remoteControl/enable',
        'remoteControl/disable',
        'remoteControl/status/read',
        'remoteControl/pairing/start',
        'remoteControl/pairing/status',
        'remoteControl/client/list',
        'remoteControl/client/revoke',
      ],
      vendorCatalogue: [
        'plugin/skill/read',
        'plugin/share/save',
        'plugin/share/updateTargets',
        'plugin/share/list',
        'plugin/share/checkout',
        'plugin/share/delete',
      ],
      environment: ['environment/add', 'environment/info', 'environment/status'],
      windowsSandbox: ['windowsSandbox/readiness', 'windowsSandbox/setupStart'],
    },
    async ({ account, codexHome, configuration, outbox, sessions, env, log }) => {
      const { serviceMethods } = await import('./service-methods.js');
      const { source } = await configuration();
      const threadHooks = async (id: string) => (await sessions()).threadHooks(id);
      const imports = async () => (await sessions()).imports;
      // A thread is loaded only where sessions were made.
      const reloadThreads = () => sessions.made()?.pluginsChanged();
      return serviceMethods({
        account: await account(),
        codexHome,
        source,
        outbox: outbox(),
        threadHooks,
        reloadThreads,
        imports,
        env,
        log,
      });
    },
  ),
};

type Parts = typeof METHOD_PARTS;
type FamiliesOf<P extends keyof Parts> = Parts[P]['families'];

/** The methods that codexd answers, `initialize` aside, which is the router's own. */
export type OfferedMethod = {
  [P in keyof Parts]: FamiliesOf<P>[keyof FamiliesOf<P>] extends readonly (infer M)[] ? M : never;
}[keyof Parts];

/** The families that name a method, as `part/family`. */
type PlacesOf<M> = {
  [P in keyof Parts]: {
    [F in keyof FamiliesOf<P> & string]: M extends (FamiliesOf<P>[F] & readonly unknown[])[number]
      ? `${P}/${F}`
      : never;
  }[keyof FamiliesOf<P> & string];
}[keyof Parts];
type IsOne<T, All = T> = T extends unknown ? ([All] extends [T] ? true : false) : never;
type NotOffered = (typeof NOT_OFFERED)[number];

/** Does not compile unless `T` is empty; the error names what is in it. */
type Nothing<T extends never> = T;

/** Methods of the registry that have no family, and are not said to be not offered. */
export type Forgotten = Nothing<Exclude<ClientRequestMethod, OfferedMethod | NotOffered | 'initialize'>>;
/** Methods in more than one family. */
export type Twice = Nothing<{ [M in OfferedMethod]: IsOne<PlacesOf<M>> extends true ? never : M }[OfferedMethod]>;
/** Methods of a family that are said to be not offered. */
export type Offered = Nothing<NotOffered & OfferedMethod>;
