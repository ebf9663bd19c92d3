import t from 'tap';
import { sessionSource } from '../../../server/sessions/catalog/session-source.js';
import { sourceKinds } from '../../../server/sessions/catalog/source-kind.js';

const spawn = { parent_thread_id: '019f0000-0000-7000-8000-000000000099', depth: 1 };

/** A source as rollouts have it, and the kinds that the official program lists it under. */
const cases: readonly [unknown, readonly string[]][] = [
  [undefined, ['vscode']],
  ['cli', ['cli']],
  ['exec', ['exec']],
  ['mcp', ['appServer']],
  ['nonsense', ['unknown']],
  [{ internal: 'memory_consolidation' }, ['unknown']],
  [{ custom: 'zed' }, []],
  [{ subagent: 'review' }, ['subAgent', 'subAgentReview']],
  [{ subagent: 'compact' }, ['subAgent', 'subAgentCompact']],
  [{ subagent: 'memory_consolidation' }, ['subAgent']],
  [{ subagent: { thread_spawn: spawn } }, ['subAgent', 'subAgentThreadSpawn']],
  [{ subagent: { other: 'guardian' } }, ['subAgent', 'subAgentOther']],
];
for (const [stored, kinds] of cases) {
  t.test(`the source ${JSON.stringify(stored)} is listed under ${kinds.join(' and ') || 'no kind'}`, (t) => {
    t.strictSame(sourceKinds(sessionSource(stored)), kinds);
    t.end();
  });
}
