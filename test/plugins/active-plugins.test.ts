/** Which plugins are loaded: those that a person switched on, and that the administrator does not speak against. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  activePlugins,
  missingPlugins,
  pluginsOn,
  requirementsOnPlugins,
} from '../../server/plugins/active-plugins.js';
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
  t.match(missingPlugins(scene.config()), [/^the plugin `sample@team` is not loaded: failed to parse plugin\.json/]);
  t.end();
});

t.test('a plugin that is switched on and not loaded is named with the reason', (t) => {
  const scene = installedScene(t.testdir());
  const root = path.join(scene.home, 'plugins', 'cache', 'team', 'sample', '1.0.0');
  t.same(missingPlugins(scene.config()), []);
  fs.rmSync(path.join(root, '.codex-plugin', 'plugin.json'));
  t.same(missingPlugins(scene.config()), ['the plugin `sample@team` is not loaded: its plugin.json is missing']);
  const said = (config: string) => {
    scene.write({ 'home/config.toml': config });
    return missingPlugins(scene.config());
  };
  t.same(said('[plugins."gone@team"]\n'), ['the plugin `gone@team` is not loaded: it is not installed']);
  t.same(said('[plugins."../x@team"]\n'), [
    'the plugin `../x@team` is not loaded: its name is not `PLUGIN@MARKETPLACE`',
  ]);
  t.same(said('[plugins."gone@team"]\nenabled = false\n'), []);
  t.same(said('[features]\nplugins = false\n[plugins."gone@team"]\n'), [], 'switched off by the person');
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
