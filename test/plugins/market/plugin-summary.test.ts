import path from 'node:path';
import t from 'tap';
import { findPlugin } from '../../../server/plugins/market/find-plugin.js';
import { pluginDetail, pluginSummary } from '../../../server/plugins/market/plugin-summary.js';
import { readManifest } from '../../../server/plugins/plugin-manifest.js';
import { installedScene, pluginScene, type PluginScene } from '../support.js';

const shown = (scene: PluginScene) => {
  const place = { codexHome: scene.home, table: scene.config().effective.table };
  const { market, offered } = findPlugin(scene.marketFile, 'sample');
  const summary = pluginSummary(market, offered, place);
  const read = readManifest(scene.plugin);
  if (summary === null || !('manifest' in read)) throw new Error('no plugin');
  return { summary, detail: pluginDetail(market, summary, read.manifest, scene.plugin, place), market, offered, place };
};

t.test('installed and enabled are what the configuration and the files say', (t) => {
  t.match(shown(pluginScene(t.testdir())).summary, {
    id: 'sample@team',
    localVersion: '1.0.0',
    installed: false,
    enabled: false,
    interface: { displayName: 'Sample', category: 'Work' },
    keywords: ['one'],
  });
  const scene = installedScene(t.testdir());
  t.match(shown(scene).summary, { installed: true, enabled: true });
  scene.write({ 'home/config.toml': '[plugins."sample@team"]\nenabled = false\n' });
  t.match(shown(scene).summary, { installed: true, enabled: false });
  scene.write({ 'home/config.toml': '' });
  t.match(shown(scene).summary, { installed: false, enabled: false }, 'files alone are no installation');
  t.end();
});

t.test('what a plugin brings is seen before it is installed', (t) => {
  const scene = pluginScene(t.testdir());
  const { detail, market, summary, place } = shown(scene);
  t.match(detail, {
    marketplaceName: 'team',
    marketplacePath: scene.marketFile,
    description: 'A sample',
    skills: [{ name: 'sample:hello', enabled: true, path: path.join(scene.plugin, 'skills', 'hello', 'SKILL.md') }],
    hooks: [{ key: 'sample@team:hooks/hooks.json:user_prompt_submit:0:0', eventName: 'userPromptSubmit' }],
    mcpServers: ['demo'],
  });
  const elsewhere = { ...summary, source: { type: 'npm' as const, package: '@a/b', version: null, registry: null } };
  t.match(pluginDetail(market, elsewhere, null, null, place), {
    description: /@a\/b/,
    skills: [],
    hooks: [],
    mcpServers: [],
  });
  t.end();
});
