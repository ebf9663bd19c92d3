import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { activePlugins } from '../../server/plugins/active-plugins.js';
import { pluginSkillRoots } from '../../server/plugins/plugin-skills.js';
import { discoverSkills } from '../../server/skills/discover.js';
import { installedScene } from './support.js';

t.test('skills have the name of their plugin, and no link leads to others', (t) => {
  const scene = installedScene(t.testdir());
  const root = path.join(scene.home, 'plugins', 'cache', 'team', 'sample', '1.0.0');
  const found = () => discoverSkills(pluginSkillRoots(activePlugins(scene.config()))).skills;
  const hello = {
    name: 'sample:hello',
    pluginId: 'sample@team',
    scope: 'user',
    path: path.join(root, 'skills', 'hello', 'SKILL.md'),
  };
  t.match(found(), [hello]);
  scene.write({ 'elsewhere/SKILL.md': '---\nname: x\ndescription: secret\n---\n' });
  const elsewhere = path.join(path.dirname(scene.home), 'elsewhere');
  fs.symlinkSync(elsewhere, path.join(root, 'skills', 'linked'));
  fs.mkdirSync(path.join(root, 'skills', 'other'));
  fs.symlinkSync(path.join(elsewhere, 'SKILL.md'), path.join(root, 'skills', 'other', 'SKILL.md'));
  t.match(found(), [hello]);
  t.equal(found().length, 1, 'neither a linked folder nor a linked file');
  const commands = path.join(root, '.codex-plugin', 'migrated-command-skills', 'c');
  fs.mkdirSync(commands, { recursive: true });
  fs.writeFileSync(path.join(commands, 'SKILL.md'), '---\nname: c\ndescription: of a command\n---\n');
  t.same(
    found().map(({ name }) => name),
    ['sample:c', 'sample:hello'],
  );
  scene.write({
    'home/plugins/cache/team/sample/1.0.0/.codex-plugin/plugin.json': { name: 'sample', skills: './none' },
  });
  t.same(
    found().map(({ name }) => name),
    ['sample:c'],
    'what plugin.json names is in place of the usual folder',
  );
  t.end();
});
