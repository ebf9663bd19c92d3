import t from 'tap';
import { mcpMetrics, newMcpCounts } from '../../server/metrics/mcp-counts.js';
import { renderMetrics } from '../../server/metrics/metrics.js';

t.test('servers with and without a profile are told apart, in every number', async (t) => {
  const counts = newMcpCounts();
  counts.started.profile += 2;
  counts.running.none++;
  counts.calls.denied.profile++;
  counts.denials.outside.profile += 3;
  const lines = renderMetrics(mcpMetrics(counts)).split('\n');
  for (const line of [
    'codexd_mcp_servers_started_total{permissions="profile"} 2',
    'codexd_mcp_servers_started_total{permissions="none"} 0',
    'codexd_mcp_servers_running{permissions="none"} 1',
    'codexd_mcp_calls_total{outcome="denied",permissions="profile"} 1',
    'codexd_mcp_denials_total{place="outside",permissions="profile"} 3',
    'codexd_mcp_denials_total{place="call",permissions="none"} 0',
  ])
    t.ok(lines.includes(line), line);
});
