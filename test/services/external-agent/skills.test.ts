import t from 'tap';
import { detailsOf } from '../../../server/services/external-agent/kind.js';
import { skillsKind } from '../../../server/services/external-agent/skills.js';
import { planted } from './support.js';

t.test('folders of skills with all their files; only SKILL.md is rewritten', (t) => {
  const { put, text, user } = planted(t);
  put('home/.claude/skills/greet/SKILL.md', '---\nname: greet\ndescription: For Claude.\n---\nSay hi with claude.\n');
  put('home/.claude/skills/greet/more/x.txt', 'claude');
  put('home/.claude/skills/there/SKILL.md', 'theirs');
  put('home/.claude/skills/other/SKILL.md', 'x');
  put('home/.claude/skills/file.md', 'no folder');
  put('home/.agents/skills/there/SKILL.md', 'mine');
  t.match(skillsKind.detect(user)?.details?.skills, [{ name: 'greet' }, { name: 'other' }]);
  t.same(skillsKind.import(user, detailsOf({ skills: [{ name: 'greet' }, { name: 'there' }] })), [['greet', 'greet']]);
  t.equal(
    text('home/.agents/skills/greet/SKILL.md'),
    '---\nname: greet\ndescription: For Codex.\n---\nSay hi with Codex.\n',
  );
  t.equal(text('home/.agents/skills/greet/more/x.txt'), 'claude');
  t.equal(text('home/.agents/skills/there/SKILL.md'), 'mine');
  t.end();
});
