import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { parseToml } from '../../../server/config/toml/parse-toml.js';
import { findSkills, skillText } from '../../../server/sessions/context/skills.js';
import { runToEnd } from '../../fixtures/programs.js';

t.test('skills are found with their descriptions; a pipe with the name does not block', (t) => {
  const root = t.testdir({
    home: { skills: { one: { 'SKILL.md': '---\nname: first\ndescription: Does one thing.\n---\nDo it.' } } },
    work: { '.agents': { skills: { pipe: {}, none: { 'SKILL.md': 'no head' } } } },
  });
  const pipe = path.join(root, 'work/.agents/skills/pipe/SKILL.md');
  t.equal(runToEnd('mkfifo', [pipe]).exitCode, 0);
  const file = path.join(root, 'home/skills/one/SKILL.md');
  // The person who runs the test may have skills, too.
  const found = (config: string) =>
    findSkills(path.join(root, 'home'), path.join(root, 'work'), parseToml(config), []).filter((skill) =>
      skill.path.startsWith(root),
    );
  t.match(found(''), [{ name: 'first', description: 'Does one thing.', path: file }]);
  t.equal(found('').length, 1);
  t.same(found('[[skills.config]]\nname = "first"\nenabled = false'), [], 'what is switched off is not told');
  t.match(skillText({ name: 'first', path: file }), /<name>first<\/name>[\s\S]*Do it\./);
  t.equal(skillText({ name: 'pipe', path: pipe }), null);
  t.equal(skillText({ name: 'folder', path: path.dirname(file) }), null);
  t.equal(skillText({ name: 'gone', path: path.join(root, 'gone') }), null);
  fs.rmSync(pipe);
  t.end();
});
