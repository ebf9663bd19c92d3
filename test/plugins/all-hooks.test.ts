import t from 'tap';
import { allHooks } from '../../server/plugins/all-hooks.js';
import { installedScene } from './support.js';

t.test('hooks of files come before those of plugins; an administrator can keep to the managed ones', (t) => {
  const scene = installedScene(t.testdir());
  scene.write({ 'home/hooks.json': { hooks: { Stop: [{ hooks: [{ type: 'command', command: 'mine' }] }] } } });
  const read = () => allHooks(scene.config(), { bypassesTrust: true });
  t.match(read().hooks, [
    { command: 'mine', pluginId: null },
    { pluginId: 'sample@team', displayOrder: 1 },
  ]);
  t.equal(read().runnable.length, 2);
  scene.write({ 'etc/requirements.toml': 'allow_managed_hooks_only = true\n' });
  t.same(read().hooks, []);
  t.end();
});
