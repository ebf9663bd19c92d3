/** plugin/install and plugin/uninstall: files, configuration, and what is refused. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { createConfigService } from '../../../server/config/settings/config-service.js';
import { installPlugin, uninstallPlugin } from '../../../server/plugins/install/install-plugin.js';
import { findPlugin } from '../../../server/plugins/market/find-plugin.js';
import { pluginId } from '../../../server/plugins/plugin-id.js';
import { pluginScene } from '../support.js';

t.test('files first, then the configuration; and the other way round', async (t) => {
  const scene = pluginScene(t.testdir(), 'model = "m"\n');
  const file = path.join(scene.home, 'config.toml');
  const root = path.join(scene.home, 'plugins', 'cache', 'team', 'sample', '1.0.0');
  const found = findPlugin(scene.marketFile, 'sample');
  t.match(await installPlugin(scene.source, found), { id: 'sample@team', version: '1.0.0', root });
  t.equal(fs.readFileSync(file, 'utf8'), 'model = "m"\n\n[plugins."sample@team"]\nenabled = true\n');
  t.equal(fs.readFileSync(path.join(root, 'said.txt'), 'utf8'), 'from the plugin');
  await installPlugin(scene.source, found);
  t.equal(fs.readFileSync(file, 'utf8'), 'model = "m"\n\n[plugins."sample@team"]\nenabled = true\n');
  await uninstallPlugin(scene.source, pluginId('sample', 'team'));
  t.equal(fs.readFileSync(file, 'utf8').trim(), 'model = "m"');
  t.notOk(fs.existsSync(root));
  await uninstallPlugin(scene.source, pluginId('sample', 'team'));
  await uninstallPlugin(scene.source, pluginId('never', 'there'));
});

t.test('what is no plugin of this name and version is refused, and nothing is left', async (t) => {
  const scene = pluginScene(t.testdir());
  const manifest = (text: string | object) => scene.write({ 'market/plugins/sample/.codex-plugin/plugin.json': text });
  const refused = async (message: string | RegExp) => {
    await t.rejects(installPlugin(scene.source, findPlugin(scene.marketFile, 'sample')), { rpcCode: -32600, message });
    t.notOk(fs.existsSync(path.join(scene.home, 'plugins', 'cache')));
    t.equal(fs.readFileSync(path.join(scene.home, 'config.toml'), 'utf8'), '');
  };
  manifest({ name: 'other' });
  await refused('plugin.json name `other` does not match marketplace plugin name `sample`');
  manifest({ name: 'sample', version: '../../x' });
  await refused(/^invalid plugin version/);
  manifest({ name: 'sample', skills: '/etc' });
  await refused(/outside of the plugin/);
  manifest('{nope');
  await refused('failed to parse plugin.json: key must be a string at line 1 column 2');
  fs.rmSync(path.join(scene.plugin, '.codex-plugin'), { recursive: true });
  await refused('missing plugin.json');
  fs.rmSync(scene.plugin, { recursive: true });
  fs.symlinkSync(scene.home, scene.plugin);
  await refused('missing plugin.json');
  const offer = (entry: object) =>
    scene.write({
      'market/.agents/plugins/marketplace.json': { name: 'team', plugins: [{ name: 'sample', ...entry }] },
    });
  offer({ source: './x', policy: { installation: 'NOT_AVAILABLE' } });
  await refused('plugin `sample` is not available for install in marketplace `team`');
  offer({ source: { source: 'npm', package: 'a' } });
  await refused(/npm package/);
});

t.test('an administrator who speaks of plugins', async (t) => {
  const scene = pluginScene(t.testdir());
  scene.write({ 'etc/requirements.toml': '[plugins]\n"a@b" = {}\n' });
  const env = { CODEXD_SYSTEM_CONFIG_DIR: path.join(path.dirname(scene.home), 'etc') };
  const source = createConfigService({ codexHome: scene.home, cwd: scene.work, env });
  await t.rejects(installPlugin(source, findPlugin(scene.marketFile, 'sample')), {
    message: /requirements of this machine/,
  });
});
