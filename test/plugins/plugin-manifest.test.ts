import path from 'node:path';
import t from 'tap';
import { readManifest } from '../../server/plugins/plugin-manifest.js';
import { pluginScene } from './support.js';

t.test('what a plugin says of itself, and what it must not say', (t) => {
  const scene = pluginScene(t.testdir());
  const say = (text: string | object) => {
    scene.write({ 'market/plugins/sample/.codex-plugin/plugin.json': text });
    return readManifest(scene.plugin);
  };
  t.match(readManifest(scene.plugin), {
    manifest: {
      name: 'sample',
      version: '1.0.0',
      keywords: ['one'],
      interface: { displayName: 'Sample', logo: path.join(scene.plugin, 'logo.png'), defaultPrompt: ['a', 'b', 'c'] },
      skills: null,
      mcpServers: null,
      hooks: null,
    },
  });
  t.match(say('{nope'), { fault: 'failed to parse plugin.json: key must be a string at line 1 column 2' });
  t.match(say('[]'), { fault: /expected an object/ });
  t.match(say({ version: 3 }), { fault: 'invalid plugin version in plugin.json: expected string' });
  for (const more of [
    { skills: '../x' },
    { skills: ['./a', '/etc'] },
    { mcpServers: '/etc/passwd' },
    { hooks: ['../h.json'] },
  ])
    t.match(say(more), { fault: /outside of the plugin/ }, JSON.stringify(more));
  t.match(say({ interface: { logo: '../../secret', composerIcon: './none.png' } }), {
    manifest: { name: null, version: null, interface: { logo: null, composerIcon: null, displayName: null } },
  });
  t.match(say({ hooks: { hooks: {} }, skills: './one', mcpServers: { a: {} } }), {
    manifest: { hooks: [{ hooks: {} }], skills: ['./one'], mcpServers: { a: {} } },
  });
  t.end();
});

t.test('the other format is read where the own one is missing', (t) => {
  const root = t.testdir({ '.claude-plugin': { 'plugin.json': '{"name": "other"}' } });
  t.match(readManifest(root), { manifest: { name: 'other' } });
  t.same(readManifest(t.testdir({})), { missing: true });
  t.end();
});
