import t from 'tap';
import type { PluginSource, PluginSummary } from '../../../schema/protocol/services/plugin.js';
import { marketTable, pluginJson, pluginTables } from '../../../server/cli/plugins/plugin-text.js';

const market = { name: 'team', file: '/m/f', root: '/m', displayName: null, plugins: [] };
const listed = (source: PluginSource, installedVersion: string | null = null, enabled = false) => ({
  summary: {
    id: 'a@team',
    name: 'a',
    source,
    installed: installedVersion !== null,
    enabled,
    localVersion: null,
    installPolicy: 'AVAILABLE',
    authPolicy: 'ON_USE',
  } as unknown as PluginSummary,
  installedVersion,
});

t.test('sources in tables and in JSON', (t) => {
  const git = { type: 'git', url: 'u', path: 'p', refName: 'r', sha: 's' } as const;
  const npm = { type: 'npm', package: 'n', version: '1', registry: null } as const;
  const local = { type: 'local', path: '/p' } as const;
  const plugins = [listed(git), listed(npm, '1', true), listed(local, '1')];
  t.equal(
    pluginTables([{ market, plugins, configured: null }]),
    'Marketplace `team`\n/m/f\n\n' +
      'PLUGIN  STATUS               VERSION  SOURCE\n' +
      'a@team  not installed                 u, path `p`, ref `r`, sha `s`\n' +
      'a@team  installed, enabled   1        n, version `1`\n' +
      'a@team  installed, disabled  1        /p\n',
  );
  const json = (source: PluginSource) => pluginJson(listed(source), { market, configured: null }).source;
  t.same(json(git), { source: 'git-subdir', url: 'u', path: 'p', ref: 'r', sha: 's' });
  t.same(json({ ...git, path: null, sha: null }), { source: 'git', url: 'u', ref: 'r' });
  t.same(json(npm), { source: 'npm', package: 'n', version: '1' });
  t.same(json(local), { source: 'local', path: '/p' });
  t.equal(marketTable([['team', '/m']]), 'MARKETPLACE  ROOT\nteam         /m\n');
  t.end();
});
