/**
 * The service with which every command registers before it runs (docs/architecture.md). It assigns lanes to proxied
 * commands, decides about each of their requests, and ends a command after a denial by aborting its registration.
 *
 * Threat: a request is judged by another command's policy, or attributed to another command; a denial is lost in a race
 * with the command's end, or reported twice.
 * Rule: a connection belongs to the registration that its lane was assigned to (Linux) or that its process belongs to
 * (attribution.ts), from accept to close. The first
 * denial is recorded once. The first `finish` returns it, closes every connection, and leaves nothing behind.
 */
import type { NetworkPolicy } from '../config/permissions/network-policy.js';
import { describe } from '../errors/describe.js';
import { policyError } from '../errors/network-errors.js';
import type { SandboxStatus } from '../sandbox/policy/sandbox.js';
import { createResolvers, type ResolverOptions } from './decide/resolve.js';
import type { CommandHooks } from './hooks/command-hooks.js';
import type { LaneCounts, LanePool } from './lanes/lanes.js';
import { createPlatformLanes } from './lanes/platform-lanes.js';
import { createLazyInterceptor } from './lazy-interceptor.js';
import { createTrust } from './proxy/upstream/trust.js';
import { ownerKey, RegisteredCommand, type CommandOptions, type ProxiedBytes } from './registered-command.js';
import type { NetworkApproval } from './registration/registration.js';
import type { Environment } from './proxy/upstream/upstream-proxy.js';
import type { transparentHandlers } from './transparent/index.js';

export interface NetworkApprovalOptions extends CommandOptions {
  /** The probed sandbox: its bubblewrap makes the lanes. */
  readonly sandbox: { status(): Promise<SandboxStatus> };
  /**
   * The folder for the files of limited mode's interception, and with the set-up of Windows' sandbox. Absent: limited
   * mode has no tunnels, and there are no lanes on Windows.
   */
  readonly codexHome?: string;
  /** For tests: another name resolution, another pool. */
  readonly resolver?: ResolverOptions;
  readonly lanes?: LanePool;
}

/** The numbers for /metrics. */
export interface NetworkCounts {
  readonly lanes: LaneCounts;
  /** Open prompts of commands that connections started. Those of threads are counted by the threads. */
  readonly questions: number;
  /** Octets that commands sent to the proxies and received from them, over connections that have ended. */
  readonly proxiedBytes: { readonly sent: number; readonly received: number };
}

/** Throws `network.policy` for what contradicts it, with the official program's words (0.171). */
async function loadTransparent({ enableSocks5 }: NetworkPolicy): Promise<typeof transparentHandlers> {
  if (!enableSocks5) throw policyError('transparent_tcp requires an enabled managed SOCKS5 proxy');
  return (await import('./transparent/index.js')).transparentHandlers;
}

/** Loaded with the first command that has hooks. Throws `network.policy`. */
const loadHooks = async ({ hooks }: NetworkPolicy, environment: Environment): Promise<CommandHooks> =>
  (await import('./hooks/command-hooks.js')).createCommandHooks(hooks, environment);

export function createNetworkApproval(options: NetworkApprovalOptions): NetworkApproval & { counts(): NetworkCounts } {
  const { log, sandbox } = options;
  const lanes =
    options.lanes ??
    createPlatformLanes({
      status: () => sandbox.status(),
      codexHome: options.codexHome,
      log,
      onTrouble: (error) => log.warn(...describe('a lane could not be made ahead of need', error)),
    });
  const live = new Set<RegisteredCommand>();
  const proxiedBytes: ProxiedBytes = { sent: 0, received: 0 };
  const resolvers = createResolvers(options.resolver);
  const environment = options.environment ?? process.env;
  const trust = createTrust(environment);
  const interception = createLazyInterceptor(options.codexHome, trust);
  return {
    async register(request) {
      const command = new RegisteredCommand(request, options, { proxiedBytes, trust, resolvers }, () =>
        live.delete(command),
      );
      // Before the lane: a policy that does not compile needs no lane.
      const { policy } = request;
      const hooks = policy === null || policy.hooks.length === 0 ? null : await loadHooks(policy, environment);
      const interceptor = policy?.mode === 'limited' || hooks !== null ? await interception.ready() : null;
      if (policy !== null) {
        const transparent = policy.transparentTcp ? await loadTransparent(policy) : null;
        const turn = await lanes.acquire({
          owner: ownerKey(request.owner),
          signal: request.giveUp,
          transparent: policy.transparentTcp,
        });
        command.enter(turn, policy, interceptor, transparent, hooks);
      }
      live.add(command);
      return command;
    },
    warm: (request) => lanes.warm(request),
    prepareLanes: (preparer) => lanes.prepareWith?.(preparer),
    counts: () => ({
      questions: [...live].reduce((sum, command) => sum + command.ownQuestions, 0),
      lanes: lanes.counts(),
      proxiedBytes: { ...proxiedBytes },
    }),
    async close() {
      for (const command of [...live]) command.cutOff();
      await lanes.close();
      await interception.close();
    },
  };
}
