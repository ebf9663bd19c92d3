/** Which network a command would have, for `network/policy/test`. */
import path from 'node:path';
import { ConfigError } from '../errors/config-error.js';
import { invalidRequest } from '../errors/rpc-error.js';
import { isTable, tableAt, type TomlTable } from '../config/toml/value.js';
import type { CommandSettings } from '../config/settings/command-settings.js';
import { promptsConfigured } from '../exec/methods/connection-prompter.js';
import type { PolicyTestOptions, TestedAccess } from '../network-approval/policy-test.js';
import { canonicalId } from '../sessions/live/live-thread-of.js';
import type { DaemonParts } from './daemon-parts.js';

export async function policyTestOptions(parts: DaemonParts): Promise<PolicyTestOptions> {
  const [{ source }, rules] = await Promise.all([parts.configuration(), parts.ruleBook()]);
  /** With the requirements, as a command gets it. Throws RpcError. */
  const accessOf = (settings: CommandSettings, name: string | null, own: CommandSettings['defaultProfile']) => {
    try {
      const profile = name === null ? own : settings.profile(name);
      settings.assertAllowed(profile);
      return source.enforce({ profile, network: settings.networkAccess(profile) });
    } catch (error) {
      if (error instanceof ConfigError) throw invalidRequest(error.message);
      throw error;
    }
  };
  return {
    access({ cwd, profile, threadId }): Promise<TestedAccess> {
      const thread = threadId === null ? null : loadedThread(parts, threadId);
      const state = thread?.state ?? null;
      const settings = state?.settings ?? source.settings({ cwd: cwd ?? parts.cwd });
      const access = accessOf(settings, profile, state?.profile ?? settings.defaultProfile);
      const never = state === null ? settings.neverAsks : state.wire.approvalPolicy === 'never';
      const asks = !never && promptsConfigured(settings, access.network);
      const { id } = access.profile;
      const table = state?.table ?? source.resolve(cwd ?? parts.cwd).effective.table;
      return Promise.resolve({
        profile: id,
        network: access.network,
        asks,
        memory: thread?.runtime.network ?? null,
        place: { file: path.join(parts.codexHome, 'config.toml'), ...rulePlace(table, id) },
      });
    },
    ruleFiles: () => rules.forNetwork(),
    requirements() {
      const enforced = source.enforcedRequirements();
      return enforced instanceof ConfigError ? 'requirements.toml' : enforced.source;
    },
    ownEndpoints: () => parts.ownPorts().map((port) => ({ port })),
    environment: parts.env,
  };
}

/** Throws RpcError. */
export function loadedThread({ sessions }: Pick<DaemonParts, 'sessions'>, threadId: string) {
  const thread = sessions.made()?.threads.get(canonicalId(threadId));
  if (!thread) throw invalidRequest(`thread not found: ${threadId}`);
  return thread;
}

function rulePlace(table: TomlTable, id: string | null): Pick<TestedAccess['place'], 'profile' | 'proxySwitch'> {
  const proxy = tableAt(table, 'features').network_proxy;
  return {
    profile: id !== null && isTable(tableAt(table, 'permissions')[id]) ? id : null,
    proxySwitch: typeof proxy === 'boolean' ? proxy : null,
  };
}
