/** The report of `codexd sandbox --log-denials` at the end. */
import type { DecisionEntry, DecisionLog } from '../../network-approval/audit/decision-log.js';
import { REASONS } from '../../network-approval/decide/denial-messages.js';

/** One line for each target, in the order of the first denial, with the number of denials. */
export function denialReport(log: DecisionLog): string {
  const lines = new Map<string, number>();
  for (const entry of log.list()) {
    if (entry.verdict !== 'deny') continue;
    const line = describe(entry);
    lines.set(line, (lines.get(line) ?? 0) + 1);
  }
  const dropped = log.bounds().oldest - 1;
  const more = dropped > 0 ? `\n  (the first ${dropped} network requests are not in this list)` : '';
  if (lines.size === 0) return `codexd: no network request was denied${more}`;
  const list = [...lines].map(([line, count]) => `\n  ${line}${count > 1 ? ` (${count} times)` : ''}`).join('');
  return `codexd: denied network requests:${list}${more}`;
}

/** The report for a failed command that never had a network. `profile`: the name of its permission profile, if any. */
export function noNetworkReport(profile: string | null): string {
  const which = profile === null ? 'its permission profile gives none' : `profile ${profile} gives none`;
  return [
    `codexd: this command had no network (${which}), so that nothing could be denied. To let it ask, and to see for what:`,
    '  codexd sandbox --log-denials -c features.network_proxy=true -c sandbox_mode=workspace-write -c sandbox_workspace_write.network_access=true -- COMMAND',
  ].join('\n');
}

function describe({ host, port, protocol, method, reason, rule, detail }: DecisionEntry): string {
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const how = method === null ? protocol : `${protocol} ${method}`;
  const why = reason === null ? '' : `: ${reason}, ${REASONS[reason].message}`;
  const notes = [...(rule === null ? [] : [`rule ${JSON.stringify(rule)}`]), ...(detail === null ? [] : [detail])];
  return `${where} (${how})${why}${notes.length > 0 ? ` [${notes.join('; ')}]` : ''}`;
}
