import t from 'tap';
import { rewritten } from '../../../server/services/external-agent/rewrite.js';

t.test('names of the other agent, alone and as words', (t) => {
  t.equal(rewritten('Use Claude Code, claude-code, claudecode and Claude.'), 'Use Codex, Codex, Codex and Codex.');
  t.equal(rewritten('See CLAUDE.md, not claudette or ~/.claude/x'), 'See AGENTS.md, not claudette or ~/.claude/x');
  t.end();
});
