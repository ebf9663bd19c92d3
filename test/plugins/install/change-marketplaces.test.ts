/** marketplace/add, remove and upgrade, with folders and with real Git. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  addMarketplace,
  removeMarketplace,
  upgradeMarketplaces,
} from '../../../server/plugins/install/change-marketplaces.js';
import { installPlugin } from '../../../server/plugins/install/install-plugin.js';
import { reinstallUpgraded } from '../../../server/plugins/install/reinstall-upgraded.js';
import { findPlugin } from '../../../server/plugins/market/find-plugin.js';
import { pluginId } from '../../../server/plugins/plugin-id.js';
import { installedVersion } from '../../../server/plugins/plugin-places.js';
import { pluginScene } from '../support.js';
import { runToEnd } from '../../fixtures/programs.js';

t.setTimeout(60_000);

const PLAIN = { refName: null, sparsePaths: null };

const git = (folder: string, ...args: string[]): string => {
  const { exitCode, stdout } = runToEnd('git', [
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@h.test',
    '-C',
    folder,
    ...args,
  ]);
  t.equal(exitCode, 0, args.join(' '));
  return stdout;
};

t.test('a folder stays where it is, and is entered once', async (t) => {
  const scene = pluginScene(t.testdir());
  const file = path.join(scene.home, 'config.toml');
  const add = (source: string, more = {}) => addMarketplace(scene.source, { ...PLAIN, source, ...more }, scene.work);
  const added = { marketplaceName: 'team', installedRoot: scene.market };
  t.same(await add('../market'), { ...added, alreadyAdded: false });
  t.equal(
    fs.readFileSync(file, 'utf8'),
    `[marketplaces.team]\nsource_type = "local"\nsource = ${JSON.stringify(scene.market)}\n`,
  );
  t.same(await add(scene.market), { ...added, alreadyAdded: true });
  const refused = (source: string, message: string | RegExp, more = {}) =>
    t.rejects(add(source, more), { rpcCode: -32600, message });
  scene.write({
    'other/.agents/plugins/marketplace.json': { name: 'team', plugins: [] },
    'reserved/.agents/plugins/marketplace.json': { name: 'openai-curated', plugins: [] },
    'named/.agents/plugins/marketplace.json': { name: '../x', plugins: [] },
    file: '',
  });
  await refused('../other', /already added from a different source/);
  await refused('../reserved', /`openai-curated` is reserved/);
  await refused('../named', /^invalid marketplace name/);
  await refused('../file', 'local marketplace source must be a directory, not a file');
  await refused('../none', 'failed to resolve local marketplace source path: No such file or directory (os error 2)');
  await refused('.', /does not contain a supported manifest/);
  await refused('../market', '--ref is only supported for git marketplace sources', { refName: 'v1' });
  await refused('../market', '--sparse is only supported for git marketplace sources', { sparsePaths: ['a'] });
  await t.rejects(upgradeMarketplaces(scene.source, 'team'), {
    message: 'marketplace `team` is not configured as a Git marketplace',
  });
  t.same(await removeMarketplace(scene.source, 'team'), { marketplaceName: 'team', installedRoot: null });
  await t.rejects(removeMarketplace(scene.source, 'team'), {
    message: 'marketplace `team` is not configured or installed',
  });
  await t.rejects(removeMarketplace(scene.source, '../x'), { message: /^invalid marketplace name/ });
  t.equal(fs.readFileSync(file, 'utf8').trim(), '');
});

t.test('a repository is cloned, brought up to date with its plugins, and removed', async (t) => {
  const scene = pluginScene(t.testdir());
  git(scene.market, 'init', '-q', '-b', 'main');
  git(scene.market, 'add', '.');
  git(scene.market, 'commit', '-qm', 'one');
  const source = `file://${scene.market}`;
  const root = path.join(scene.home, '.tmp', 'marketplaces', 'team');
  t.same(await addMarketplace(scene.source, { ...PLAIN, source: `${source}#main` }, scene.work), {
    marketplaceName: 'team',
    installedRoot: root,
    alreadyAdded: false,
  });
  t.match(
    fs.readFileSync(path.join(scene.home, 'config.toml'), 'utf8'),
    `source_type = "git"\nsource = "${source}"\nref = "main"\n`,
  );
  await t.rejects(addMarketplace(scene.source, { ...PLAIN, source }, scene.work), {
    message: /from a different source/,
  });
  const file = path.join(root, '.agents', 'plugins', 'marketplace.json');
  await installPlugin(scene.source, findPlugin(file, 'sample'));
  const version = () => installedVersion(scene.home, pluginId('sample', 'team'))?.version;
  t.equal(version(), '1.0.0');
  scene.write({ 'market/plugins/sample/.codex-plugin/plugin.json': { name: 'sample', version: '2.0.0' } });
  git(scene.market, 'commit', '-qam', 'two');
  const { upgraded, ...answer } = await upgradeMarketplaces(scene.source, null);
  t.same(answer, { selectedMarketplaces: ['team'], upgradedRoots: [root], errors: [] });
  t.same(await reinstallUpgraded(scene.source, upgraded), []);
  t.equal(version(), '2.0.0');
  fs.renameSync(scene.market, `${scene.market}-gone`);
  t.match(await upgradeMarketplaces(scene.source, 'team'), {
    upgradedRoots: [],
    errors: [{ marketplaceName: 'team', message: /git clone .* failed/ }],
  });
  t.ok(fs.existsSync(file), 'the old files stay');
  t.same(await removeMarketplace(scene.source, 'team'), { marketplaceName: 'team', installedRoot: root });
  t.equal(version(), '2.0.0', 'its plugins stay');
});
