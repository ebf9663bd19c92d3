/** Hooks of plugins: where they are written, and what their trust covers. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { allHooks } from '../../server/plugins/all-hooks.js';
import { declaredHooks } from '../../server/plugins/plugin-hooks.js';
import { readManifest } from '../../server/plugins/plugin-manifest.js';
import { installedScene, pluginScene } from './support.js';

t.test('the usual file, named files, and hooks in plugin.json', (t) => {
  const scene = pluginScene(t.testdir());
  const declared = (manifest: object) => {
    scene.write({ 'market/plugins/sample/.codex-plugin/plugin.json': { name: 'sample', ...manifest } });
    const read = readManifest(scene.plugin);
    t.ok('manifest' in read);
    if (!('manifest' in read)) throw new Error('no manifest');
    const { files, warnings } = declaredHooks(scene.plugin, read.manifest);
    return { names: files.map(({ name }) => name), warnings };
  };
  t.same(declared({}), { names: ['hooks/hooks.json'], warnings: [] });
  t.match(declared({ hooks: ['./none.json'] }), { names: [], warnings: [/no such file/] });
  const inline = { hooks: { Stop: [{ hooks: [{ type: 'command', command: 'true' }] }] } };
  t.same(declared({ hooks: inline }).names, ['plugin.json#hooks[0]']);
  t.same(declared({ hooks: ['./hooks/hooks.json', inline] }).names, ['hooks/hooks.json', 'plugin.json#hooks[1]']);
  scene.write({ 'market/plugins/sample/hooks/hooks.json': '{nope' });
  t.match(declared({}), { names: [], warnings: [/failed to parse plugin hooks config .*: key must be a string/] });
  t.end();
});

t.test('a trusted hook is another one when any file of its plugin changes', (t) => {
  const scene = installedScene(t.testdir());
  const [hook] = allHooks(scene.config()).hooks;
  const root = path.join(scene.home, 'plugins', 'cache', 'team', 'sample', '1.0.0');
  const key = 'sample@team:hooks/hooks.json:user_prompt_submit:0:0';
  t.match(hook, {
    key,
    pluginId: 'sample@team',
    source: 'plugin',
    trustStatus: 'untrusted',
    command: `cat ${root}/said.txt`,
  });
  t.match(hook?.currentHash, /^sha256:[0-9a-f]{64}\/sha256:[0-9a-f]{64}$/);
  const trust = `[plugins."sample@team"]\nenabled = true\n[hooks.state."${key}"]\ntrusted_hash = "${hook?.currentHash}"\n`;
  scene.write({ 'home/config.toml': trust });
  t.match(allHooks(scene.config()), {
    hooks: [{ trustStatus: 'trusted' }],
    runnable: [{ plugin: { id: 'sample@team', root } }],
  });
  t.same(allHooks(scene.config(), { disabledPlugins: ['sample@team'] }).hooks, []);
  fs.writeFileSync(path.join(root, 'said.txt'), 'something else');
  t.match(allHooks(scene.config()), { hooks: [{ trustStatus: 'modified' }], runnable: [] });
  fs.symlinkSync('said.txt', path.join(root, 'link'));
  t.match(allHooks(scene.config()), {
    hooks: [],
    warnings: [/failed to fingerprint plugin contents: unsupported plugin entry/],
  });
  t.end();
});
