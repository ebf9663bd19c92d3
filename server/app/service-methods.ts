/** The families of methods of the services: accounts, models, skills, and what can be plugged in. */
import type { ConfigService } from '../config/settings/config-service.js';
import type { Logger } from '../log/log.js';
import type { FileThreadStore } from '../sessions/store/create-thread-store.js';
import type { Outbox } from '../sessions/live/outbox.js';
import { accountLoginMethods } from '../services/account/account-login.js';
import { accountMethods } from '../services/account/account-methods.js';
import { accountSessionMethods } from '../services/account/account-sessions.js';
import { accountUsageMethods } from '../services/account/account-usage.js';
import { gatewayOauthMethods } from '../services/account/gateway-oauth.js';
import { remoteControlMethods } from '../services/account/remote-control.js';
import { userVerificationMethods } from '../services/account/user-verification.js';
import { createWorkspaces } from '../services/account/workspaces.js';
import type { Account } from '../sessions/account/index.js';
import { extensionMethods } from '../services/extensions/extension-methods.js';
import { feedbackMethods } from '../services/feedback/feedback-methods.js';
import { externalAgentMethods } from '../services/external-agent/external-agent-methods.js';
import type { SessionImports } from '../services/external-agent/import-session.js';
import type { ThreadHooks } from '../services/extensions/hook-list.js';
import { environmentMethods } from '../services/environment/environment-methods.js';
import { modelMethods } from '../services/models/model-methods.js';
import { pluginMethods } from '../services/plugins/plugin-methods.js';
import { vendorCatalogueMethods } from '../services/plugins/vendor-catalogue.js';
import { skillMethods } from '../services/skills/skill-methods.js';
import { windowsSandboxMethods } from '../services/windows-sandbox/windows-sandbox-methods.js';

export interface ServiceDeps {
  readonly account: Account;
  readonly codexHome: string;
  readonly source: ConfigService;
  readonly outbox: Outbox;
  readonly threadHooks: ThreadHooks;
  /** What makes sessions of another agent threads. */
  readonly imports: () => Promise<SessionImports & { readonly store: FileThreadStore }>;
  /** Loaded threads take over what the configuration and the plugins are now. */
  readonly reloadThreads: () => void;
  /** The daemon's own. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly log: Logger;
}

/** By family, as method-families.ts names them. Reads nothing yet. */
export function serviceMethods(deps: ServiceDeps) {
  const { account } = deps;
  const log = deps.log.child('codexd::account');
  const accountDeps = { ...deps, log, workspaces: createWorkspaces(account, log) };
  return {
    account: accountMethods(accountDeps),
    accountLogin: accountLoginMethods(accountDeps),
    accountUsage: accountUsageMethods(accountDeps),
    accountSessions: accountSessionMethods(accountDeps),
    gatewayOauth: gatewayOauthMethods(accountDeps),
    models: modelMethods(deps),
    skills: skillMethods(deps),
    extensions: extensionMethods(deps),
    feedback: feedbackMethods({ ...deps, store: async () => (await deps.imports()).store }),
    externalAgent: externalAgentMethods({
      ...deps,
      home: deps.source.sources.home,
      sessions: deps.imports,
      log: deps.log.child('codexd::imports'),
    }),
    userVerification: userVerificationMethods(deps),
    remoteControl: remoteControlMethods(deps),
    plugins: pluginMethods(deps),
    vendorCatalogue: vendorCatalogueMethods(deps),
    environment: environmentMethods(deps),
    windowsSandbox: windowsSandboxMethods(deps),
  };
}
