/** What `/metrics` tells of one daemon (docs/configuration.md). Loaded with the first scrape. */
import type { EndCause } from './exec/command.js';
import type { Supervisor } from './exec/supervisor.js';
import { renderMetrics, type Metric, type Sample } from './metrics.js';
import type { NetworkCounts } from './network-approval/approval-service.js';
import type { AuditFile } from './network-approval/audit-file.js';
import type { DecisionLog } from './network-approval/decision-log.js';

/** Parts that no command has needed yet are null: they are not made for a scrape. */
export interface MetricSources {
  /** Initialized connections by transport, and requests by family of methods. */
  readonly rpc: {
    readonly connections: Readonly<Record<string, number>>;
    readonly requests: Readonly<Record<string, number>>;
  };
  readonly commands: ReturnType<Supervisor['counts']> | null;
  readonly network: NetworkCounts | null;
  readonly decisions: DecisionLog | null;
  readonly audit: AuditFile | null;
  readonly version: string;
}

export function daemonMetrics({ rpc, commands, network, decisions, audit, version }: MetricSources): string {
  const memory = process.memoryUsage();
  return renderMetrics([
    gauge('codexd_info', 'The version, as a label.', [{ labels: { version }, value: 1 }]),
    gauge('process_start_time_seconds', 'When the daemon started, in seconds since the epoch.', [
      { value: Math.round(Date.now() - process.uptime() * 1000) / 1000 },
    ]),
    gauge('process_uptime_seconds', 'How long the daemon has run.', [{ value: process.uptime() }]),
    gauge('process_resident_memory_bytes', 'Memory of the daemon in RAM.', [{ value: memory.rss }]),
    gauge('nodejs_heap_used_bytes', 'JavaScript heap in use.', [{ value: memory.heapUsed }]),
    gauge('codexd_connections', 'Open client connections.', byLabel('transport', rpc.connections)),
    counter('codexd_requests_total', 'Requests of clients, by family of methods.', byLabel('family', rpc.requests)),
    counter('codexd_commands_started_total', 'Commands that were started.', [{ value: commands?.started ?? 0 }]),
    gauge('codexd_commands_running', 'Commands that run.', [{ value: commands?.running ?? 0 }]),
    counter(
      'codexd_commands_ended_total',
      'Commands that have ended, by what ended them.',
      byLabel('cause', { ...NO_ENDS, ...commands?.ended }),
    ),
    gauge('codexd_lanes', 'Network lanes, by state.', [
      { labels: { state: 'idle' }, value: network?.lanes.idle ?? 0 },
      { labels: { state: 'lent' }, value: network?.lanes.lent ?? 0 },
    ]),
    gauge('codexd_lane_slots', 'Commands that idle lanes will still take.', [{ value: network?.lanes.slots ?? 0 }]),
    counter('codexd_lanes_made_total', 'Network lanes that were made.', [{ value: network?.lanes.made ?? 0 }]),
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

const counter = (name: string, help: string, samples: readonly Sample[]): Metric => ({
  name,
  help,
  type: 'counter',
  samples,
});
const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => ({
  name,
  help,
  type: 'gauge',
  samples,
});

const byLabel = (label: string, values: Readonly<Record<string, number>>): Sample[] =>
  Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value }));
