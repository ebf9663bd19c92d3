/** `operator/overview/read`: the state of the daemon on one page. */
import type { OperatorOverviewReadResponse } from '../../schema/protocol/operator/overview.js';

type Overview = OperatorOverviewReadResponse;

/** What the parts of the daemon say. Parts that nothing has needed yet say zero, and are not made for this. */
export interface OverviewSources {
  readonly facts: () => Pick<Overview, 'version' | 'protocolVersion' | 'codexHome' | 'listeners' | 'readiness'>;
  readonly sandbox: () => Promise<Overview['sandbox']>;
  readonly counts: () => Promise<Overview['counts']>;
  readonly recentErrors: () => Overview['recentErrors'];
  readonly requirements: () => Promise<Overview['requirements']>;
}

export async function readOverview(sources: OverviewSources, may: Overview['may']): Promise<Overview> {
  const [sandbox, counts, requirements] = await Promise.all([
    sources.sandbox(),
    sources.counts(),
    sources.requirements(),
  ]);
  return {
    ...sources.facts(),
    pid: process.pid,
    startedAtMs: Math.round(Date.now() - process.uptime() * 1000),
    nodeVersion: process.version,
    rssBytes: process.memoryUsage.rss(),
    may,
    sandbox,
    counts,
    recentErrors: sources.recentErrors(),
    requirements,
  };
}
