/** What `codexd sandbox --log-denials` says at the end. */
import type { DecisionEntry, DecisionLog } from '../network-approval/decision-log.js';
import { REASONS } from '../network-approval/denial-messages.js';

/** One line a target, in the order of the first denial, with how often. */
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

function describe({ host, port, protocol, method, reason, rule, detail }: DecisionEntry): string {
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const how = method === null ? protocol : `${protocol} ${method}`;
  const why = reason === null ? '' : `: ${reason}, ${REASONS[reason].message}`;
  const notes = [...(rule === null ? [] : [`rule ${JSON.stringify(rule)}`]), ...(detail === null ? [] : [detail])];
  return `${where} (${how})${why}${notes.length > 0 ? ` [${notes.join('; ')}]` : ''}`;
}
