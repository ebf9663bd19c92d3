/** The counters of MCP servers for /metrics, since the daemon's start. */
import { counter, gauge, type Metric, type Sample } from './metrics.js';

/** `profile`: its process runs under a permission profile. `none`: it runs as its user, or at an address. */
export type ServerKind = 'profile' | 'none';

/** `given_up`: it took too long, or its turn was interrupted. `denied`: by a network denial. */
export type CallEnd = 'answered' | 'failed' | 'denied' | 'given_up';

/** `call`: the denial ended a call. `outside`: it belonged to none. */
export type DenialPlace = 'call' | 'outside';

type ByKind = Record<ServerKind, number>;

export interface McpCounts {
  readonly started: ByKind;
  readonly failed: ByKind;
  /** Starts after an earlier one of the same server in the same thread. */
  readonly restarted: ByKind;
  readonly running: ByKind;
  readonly calls: Readonly<Record<CallEnd, ByKind>>;
  readonly denials: Readonly<Record<DenialPlace, ByKind>>;
}

const zero = (): ByKind => ({ profile: 0, none: 0 });

export const newMcpCounts = (): McpCounts => ({
  started: zero(),
  failed: zero(),
  restarted: zero(),
  running: zero(),
  calls: { answered: zero(), failed: zero(), denied: zero(), given_up: zero() },
  denials: { call: zero(), outside: zero() },
});

export function mcpMetrics({ started, failed, restarted, running, calls, denials }: McpCounts): Metric[] {
  return [
    counter('codexd_mcp_servers_started_total', 'Starts of MCP servers.', samples({}, started)),
    counter('codexd_mcp_servers_failed_total', 'Starts of MCP servers that failed.', samples({}, failed)),
    counter(
      'codexd_mcp_servers_restarted_total',
      'Starts of MCP servers that a thread had started before.',
      samples({}, restarted),
    ),
    gauge('codexd_mcp_servers_running', 'MCP servers that are connected.', samples({}, running)),
    counter('codexd_mcp_calls_total', 'Calls of tools of MCP servers, by their end.', labelled('outcome', calls)),
    counter(
      'codexd_mcp_denials_total',
      'Network denials of MCP servers, in a call or outside of every call.',
      labelled('place', denials),
    ),
  ];
}

const samples = (labels: Readonly<Record<string, string>>, { profile, none }: ByKind): Sample[] => [
  { labels: { ...labels, permissions: 'profile' }, value: profile },
  { labels: { ...labels, permissions: 'none' }, value: none },
];

const labelled = (label: string, values: Readonly<Record<string, ByKind>>): Sample[] =>
  Object.entries(values).flatMap(([name, byKind]) => samples({ [label]: name }, byKind));
