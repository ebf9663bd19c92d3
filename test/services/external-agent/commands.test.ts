import t from 'tap';
import { bodyOf, commandsKind, valueOf } from '../../../server/services/external-agent/commands.js';
import { planted } from './support.js';

t.test('prompts become skills, except those with arguments', (t) => {
  const { put, text, user } = planted(t);
  put('home/.claude/commands/fix.md', '---\ndescription: "Fix it: now"\n---\nFix it with CLAUDE.md.\n');
  put('home/.claude/commands/sub/Deep One.md', 'deep\n');
  put('home/.claude/commands/args.md', 'Fix $ARGUMENTS');
  put('home/.claude/commands/shell.md', 'Now !`date`');
  put('home/.claude/commands/empty.md', '---\ndescription: x\n---\n');
  put('home/.claude/commands/note.txt', 'x');
  const names = ['source-command-fix', 'source-command-sub-deep-one'];
  t.same(
    commandsKind
      .detect(user)
      ?.details?.commands.map(({ name }) => name)
      .sort(),
    names,
  );
  t.equal((commandsKind.import(user, null) as unknown[]).length, 2);
  t.equal(
    text('home/.agents/skills/source-command-fix/SKILL.md'),
    `---
name: "source-command-fix"
description: "Fix it: now"
---

# source-command-fix

Use this skill when the user asks to run the migrated source command \`fix\`.

## Command Template

Fix it with AGENTS.md.
`,
  );
  t.match(text('home/.agents/skills/source-command-sub-deep-one/SKILL.md'), 'Migrated source command `sub-deep-one`');
  t.equal(commandsKind.detect(user), null);
  t.end();
});

t.test('heads and bodies', (t) => {
  const file = '---\nname: a\n---\nbody\n---\nmore\n';
  t.equal(valueOf(file, 'name'), 'a');
  t.equal(valueOf('no head', 'name'), null);
  t.equal(bodyOf(file), 'body\n---\nmore\n');
  t.equal(bodyOf('no head'), 'no head');
  t.end();
});
