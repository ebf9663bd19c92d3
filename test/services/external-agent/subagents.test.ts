import t from 'tap';
import { parseToml } from '../../../server/config/toml/parse-toml.js';
import { subagentsKind } from '../../../server/services/external-agent/subagents.js';
import { planted } from './support.js';

t.test('agents with a name, a description and instructions', (t) => {
  const { put, text, user } = planted(t);
  const head = (more: string): string => `---\nname: reviewer\ndescription: Reviews\n${more}---\n`;
  put(
    'home/.claude/agents/rev.md',
    `${head('model: sonnet\npermissionMode: acceptEdits\n')}You review.\nUse "Claude".\n`,
  );
  put('home/.claude/agents/silent.md', head(''));
  put('home/.claude/agents/nameless.md', 'You review.');
  t.match(subagentsKind.detect(user)?.details?.subagents, [{ name: 'reviewer' }]);
  t.same(subagentsKind.import(user, null), [['reviewer', 'reviewer']]);
  t.same(parseToml(text('home/.codex/agents/rev.toml')), {
    name: 'reviewer',
    description: 'Reviews',
    sandbox_mode: 'workspace-write',
    developer_instructions: 'You review.\nUse "Codex".',
  });
  t.equal(subagentsKind.detect(user), null);
  t.end();
});
