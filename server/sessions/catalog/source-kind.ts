/** The kinds of source that lists filter by (docs/protocol/threads.md §4). */
import type { SessionSource } from '../../../schema/protocol/threads/thread.js';
import type { ThreadSourceKind } from '../../../schema/protocol/threads/thread-list.js';

/** The kinds that lists show by default: threads in which a person writes. */
export const INTERACTIVE: readonly ThreadSourceKind[] = ['cli', 'vscode'];

/** A source can have two kinds: sub-agent in general, and the particular sub-agent. */
export function sourceKinds(source: SessionSource): readonly ThreadSourceKind[] {
  if (typeof source === 'string') return [source];
  if ('custom' in source) return [];
  const { subAgent } = source;
  if (subAgent === 'review') return ['subAgent', 'subAgentReview'];
  if (subAgent === 'compact') return ['subAgent', 'subAgentCompact'];
  if (subAgent === 'memory_consolidation') return ['subAgent'];
  if ('thread_spawn' in subAgent) return ['subAgent', 'subAgentThreadSpawn'];
  return ['subAgent', 'subAgentOther'];
}
