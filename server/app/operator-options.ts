/** What operators see, put together from the parts of the daemon. */
import { operatorsMay, type OperatorsMay } from '../config/settings/operators.js';
import { notifyOperators } from '../operator/notify-operators.js';
import type { OperatorOptions } from '../operator/operator-methods.js';
import type { OverviewSources } from '../operator/overview.js';
import { CODEXD_VERSION, PROTOCOL_VERSION } from '../package/package-version.js';
import { canonicalId } from '../sessions/live/live-thread-of.js';
import type { DaemonParts } from './daemon-parts.js';
import { loadedThread, policyTestOptions } from './policy-test-options.js';

export async function operatorOptions(parts: DaemonParts): Promise<OperatorOptions> {
  const { rpc, sessions, log } = parts;
  const [{ observed }, may] = await Promise.all([parts.commands(), rightOf(parts)]);
  return {
    rpc: rpc(),
    observed,
    may,
    overview: overviewSources(parts),
    subscribedThreads: (caller) => {
      const threads = sessions.made()?.threads;
      if (threads === undefined) return 0;
      return [...threads.ids()].filter((id) => threads.get(id)?.events.subscribers.includes(caller)).length;
    },
    runningItem(threadId, itemId) {
      const turn = sessions.made()?.threads.get(canonicalId(threadId))?.turn ?? null;
      return turn?.snapshot('full').items.find(({ id }) => id === itemId) ?? null;
    },
    sessionAllowance: sessionAllowance(parts),
    log: log.child('codexd::operator'),
  };
}

/** The dry run is loaded with the first approval. */
const sessionAllowance = (parts: DaemonParts): OperatorOptions['sessionAllowance'] => ({
  async test({ threadId, host, port, protocol }) {
    const [{ testPolicy }, options] = await Promise.all([
      import('../network-approval/policy-test.js'),
      policyTestOptions(parts),
    ]);
    const params = { host, port, protocol, threadId, method: null, path: null, cwd: null, profile: null };
    return testPolicy(params, options);
  },
  memoryOf: (threadId) => loadedThread(parts, threadId).runtime.network,
});

/** Starts the notifications to operators. Call it once, when the first of them is there. */
export async function startNotifying(parts: DaemonParts): Promise<void> {
  const [{ observed }, { log: decisions }, may] = await Promise.all([
    parts.commands(),
    parts.decisions(),
    rightOf(parts),
  ]);
  notifyOperators({ rpc: parts.rpc(), observed, decisions, may });
}

/** The setting of the moment, without project layers. */
async function rightOf({ configuration }: DaemonParts): Promise<() => OperatorsMay> {
  const { source } = await configuration();
  return () => operatorsMay(source.resolve().effective.table);
}

function overviewSources(parts: DaemonParts): OverviewSources {
  const { rpc, sessions, commands, decisions, configuration, codexHome } = parts;
  return {
    facts: () => ({
      version: CODEXD_VERSION,
      protocolVersion: PROTOCOL_VERSION,
      codexHome,
      listeners: [...parts.listeners()],
      readiness: parts.unready(),
    }),
    sandbox: async () => {
      const status = await parts.sandboxStatus();
      return status.available
        ? { state: 'ok', summary: 'commands can be sandboxed', remedy: null }
        : { state: 'failed', summary: status.reason, remedy: status.fix };
    },
    counts: async () => {
      const totals = (await decisions()).log.totals();
      const sum = (verdict: 'allow' | 'deny'): number =>
        totals.reduce((all, one) => all + (one.verdict === verdict ? one.count : 0), 0);
      const { started, running } = (await commands()).supervisor.counts();
      const counts = sessions.made()?.counts();
      return {
        connections: rpc().connections().length,
        runningCommands: running,
        loadedThreads: counts?.loaded ?? 0,
        activeTurns: counts?.running ?? 0,
        openPrompts: rpc().questions.list().length,
        commandsStarted: started,
        turnsCompleted: counts?.turns.completed ?? 0,
        turnsFailed: counts?.turns.failed ?? 0,
        decisionsAllowed: sum('allow'),
        decisionsDenied: sum('deny'),
      };
    },
    recentErrors: () => parts.recentErrors(),
    requirements: async () => {
      const enforced = (await configuration()).source.enforcedRequirements();
      if (enforced instanceof Error) return [{ source: '', summary: enforced.message }];
      const { present, source, table } = enforced;
      return present ? [{ source, summary: Object.keys(table).join(', ') }] : [];
    },
  };
}
