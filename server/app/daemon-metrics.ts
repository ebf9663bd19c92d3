/** What `/metrics` tells of one daemon (docs/configuration.md). Loaded with the first scrape. */
import type { EndCause } from '../exec/start/command.js';
import type { Supervisor } from '../exec/supervisor.js';
import { mcpMetrics } from '../metrics/mcp-counts.js';
import { byLabel, counter, gauge, renderMetrics, type Metric } from '../metrics/metrics.js';
import { processMetrics } from '../metrics/process-metrics.js';
import type { Sessions } from '../sessions/create-sessions.js';
import { newSessionCounts } from '../metrics/session-counts.js';
import type { NetworkCounts } from '../network-approval/approval-service.js';
import type { AuditFile } from '../network-approval/audit/audit-file.js';
import type { DecisionLog } from '../network-approval/audit/decision-log.js';

/** Parts that no command has needed yet are null: they are not made for a scrape. */
export interface MetricSources {
  /** Initialized connections by transport, and requests by family of methods. */
  readonly rpc: {
    readonly connections: Readonly<Record<string, number>>;
    readonly requests: Readonly<Record<string, number>>;
    /** Connections and requests that were turned away, by reason. */
    readonly refused: Readonly<Record<string, number>>;
  };
  readonly sessions: ReturnType<Sessions['counts']> | null;
  readonly commands: ReturnType<Supervisor['counts']> | null;
  readonly network: NetworkCounts | null;
  readonly decisions: DecisionLog | null;
  readonly audit: AuditFile | null;
  readonly version: string;
}

export async function daemonMetrics(sources: MetricSources): Promise<string> {
  const { rpc, commands, network, decisions, audit, version } = sources;
  return renderMetrics([
    gauge('codexd_info', 'The version, as a label.', [{ labels: { version }, value: 1 }]),
    ...(await processMetrics()),
    gauge('codexd_connections', 'Open client connections.', byLabel('transport', rpc.connections)),
    counter('codexd_requests_total', 'Requests of clients, by family of methods.', byLabel('family', rpc.requests)),
    counter(
      'codexd_connections_refused_total',
      'Connections and requests that a listener turned away, by reason.',
      byLabel('reason', rpc.refused),
    ),
    ...sessionMetrics(sources),
    counter('codexd_commands_started_total', 'Commands that were started.', commands?.started ?? 0),
    gauge('codexd_commands_running', 'Commands that run.', commands?.running ?? 0),
    counter(
      'codexd_commands_ended_total',
      'Commands that have ended, by what ended them.',
      byLabel('cause', { ...NO_ENDS, ...commands?.ended }),
    ),
    gauge('codexd_lanes', 'Network lanes, by state.', [
      { labels: { state: 'idle' }, value: network?.lanes.idle ?? 0 },
      { labels: { state: 'lent' }, value: network?.lanes.inUse ?? 0 },
    ]),
    gauge('codexd_lane_slots', 'Commands that idle lanes will still take.', network?.lanes.slots ?? 0),
    counter('codexd_lanes_made_total', 'Network lanes that were made.', network?.lanes.made ?? 0),
    counter(
      'codexd_lane_connections_refused_total',
      'Connections to lanes that were closed because they are of no command (where lanes are ports).',
      network?.lanes.refused ?? 0,
    ),
    counter('codexd_proxied_bytes_total', 'Octets over connections of commands to the proxies that have ended.', [
      { labels: { direction: 'sent' }, value: network?.proxiedBytes.sent ?? 0 },
      { labels: { direction: 'received' }, value: network?.proxiedBytes.received ?? 0 },
    ]),
    counter(
      'codexd_network_decisions_total',
      'Decisions of the network policy.',
      (decisions?.totals() ?? []).map(({ verdict, reason, protocol, source, count }) => ({
        labels: { verdict, reason: reason ?? '', protocol, source },
        value: count,
      })),
    ),
    ...(audit === null ? [] : auditMetrics(audit)),
  ]);
}

/** Threads, turns and models. */
function sessionMetrics({ sessions, network }: MetricSources): Metric[] {
  const { loaded, running, questions, turns, tokens, modelRequests, modelErrors, hooks, mcp } = sessions ?? NO_SESSIONS;
  return [
    gauge('codexd_threads_loaded', 'Threads that are loaded.', loaded),
    gauge('codexd_turns_running', 'Turns that run.', running),
    counter('codexd_turns_total', 'Turns that have ended, by status.', byLabel('status', turns)),
    counter(
      'codexd_tokens_total',
      'Tokens as model endpoints count them; cached ones are part of the input, reasoning is part of the output.',
      byLabel('kind', tokens),
    ),
    counter('codexd_model_requests_total', 'Requests to models, repeated ones included.', modelRequests),
    counter(
      'codexd_model_errors_total',
      'Requests to models that failed, by what went wrong.',
      byLabel('kind', { other: 0, ...Object.fromEntries(modelErrors) }),
    ),
    counter('codexd_hook_runs_total', 'Runs of hooks that have ended, by their end.', byLabel('status', hooks.runs)),
    counter('codexd_hook_seconds_total', 'Time that hooks ran, in seconds.', hooks.ms / 1000),
    ...mcpMetrics(mcp),
    gauge('codexd_approvals_open', 'Questions to people that nobody has answered yet.', [
      { labels: { owner: 'thread' }, value: questions },
      { labels: { owner: 'connection' }, value: network?.questions ?? 0 },
    ]),
  ];
}
const NO_SESSIONS = { ...newSessionCounts(), loaded: 0, running: 0, questions: 0 };

const NO_ENDS: Readonly<Record<EndCause, number>> = { exit: 0, timeout: 0, terminate: 0, ownerGone: 0, denial: 0 };

function auditMetrics(audit: AuditFile): Metric[] {
  const { written, lost, failures } = audit.counts();
  return [
    counter('codexd_network_audit_lines_total', 'Lines for the audit file.', [
      { labels: { outcome: 'written' }, value: written },
      { labels: { outcome: 'lost' }, value: lost },
    ]),
    counter('codexd_network_audit_failures_total', 'Attempts to write the audit file that failed.', [
      { value: failures },
    ]),
  ];
}
