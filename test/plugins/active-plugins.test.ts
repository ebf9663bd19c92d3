/** Which plugins are loaded: those that a person switched on, and that the administrator does not speak against. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { activePlugins, pluginsOn, requirementsOnPlugins } from '../../server/plugins/active-plugins.js';
import { installedScene } from './support.js';

t.test('on, off, gone, and left out by the thread', (t) => {
  const scene = installedScene(t.testdir());
  const root = path.join(scene.home, 'plugins', 'cache', 'team', 'sample', '1.0.0');
  t.match(activePlugins(scene.config()), [
    { id: 'sample@team', version: '1.0.0', root, data: path.join(scene.home, 'plugins', 'data', 'sample-team') },
  ]);
  t.same(activePlugins(scene.config(), ['sample@team']), []);
  const write = (text: string) => scene.write({ 'home/config.toml': text });
  for (const text of [
    '',
    '[plugins."sample@team"]\nenabled = false\n',
    '[plugins."other@team"]\nenabled = true\n',
    '[plugins."../../x@team"]\nenabled = true\n',
    '[features]\nplugins = false\n[plugins."sample@team"]\nenabled = true\n',
  ]) {
    write(text);
    t.same(activePlugins(scene.config()), [], text);
  }
  write('[plugins."sample@team"]\n');
  t.equal(activePlugins(scene.config()).length, 1, 'an entry without a value is on');
  fs.writeFileSync(path.join(root, '.codex-plugin', 'plugin.json'), '{nope');
  t.same(activePlugins(scene.config()), [], 'a broken plugin');
  t.end();
});

t.test('an administrator who speaks of plugins, and one whose words cannot be read', (t) => {
  for (const requirements of [
    '[plugins]\n"a@b" = {}\n',
    '[marketplaces]\nx = 1\n',
    '[features]\nplugins = false\n',
    'broken = [',
  ]) {
    const scene = installedScene(t.testdir());
    scene.write({ 'etc/requirements.toml': requirements });
    const config = scene.config();
    t.same(activePlugins(config), [], requirements);
    t.equal(pluginsOn(config), false, requirements);
    t.equal(requirementsOnPlugins(config), !requirements.startsWith('[features]'), requirements);
  }
  t.end();
});
