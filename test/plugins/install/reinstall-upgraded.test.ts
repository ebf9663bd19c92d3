import t from 'tap';
import { reinstallUpgraded } from '../../../server/plugins/install/reinstall-upgraded.js';
import { findPlugin } from '../../../server/plugins/market/find-plugin.js';
import { pluginId } from '../../../server/plugins/plugin-id.js';
import { installedVersion } from '../../../server/plugins/plugin-places.js';
import { installedScene, pluginScene } from '../support.js';

t.test('only plugins that are on follow their marketplace, and one that fails stays', async (t) => {
  const off = installedScene(t.testdir(), '[plugins."sample@team"]\nenabled = false\n');
  off.write({ 'market/plugins/sample/.codex-plugin/plugin.json': { name: 'sample', version: '2.0.0' } });
  const again = (scene: typeof off) => reinstallUpgraded(scene.source, [findPlugin(scene.marketFile, 'sample').market]);
  const version = (scene: typeof off) => installedVersion(scene.home, pluginId('sample', 'team'))?.version;
  t.same([await again(off), version(off)], [[], '1.0.0']);
  const never = pluginScene(t.testdir(), '[plugins."sample@team"]\nenabled = true\n');
  t.same([await again(never), version(never)], [[], undefined]);
  const broken = installedScene(t.testdir());
  broken.write({ 'market/plugins/sample/.codex-plugin/plugin.json': { name: 'other' } });
  t.match(await again(broken), [{ marketplaceName: 'team', message: /^plugin sample@team stays as it is: / }]);
  t.equal(version(broken), '1.0.0');
});
