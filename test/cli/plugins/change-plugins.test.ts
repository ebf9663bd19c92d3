/** `codexd plugin`: what it prints, what it changes, and what it refuses. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { codexd, scratch } from '../../fixtures/program.js';

t.setTimeout(240_000);

function market(work: string): void {
  const write = (name: string, value: object | string): void => {
    fs.mkdirSync(path.dirname(path.join(work, name)), { recursive: true });
    fs.writeFileSync(path.join(work, name), typeof value === 'string' ? value : JSON.stringify(value));
  };
  const plugins = [
    { name: 'sample', source: './sample' },
    { name: 'web', source: { source: 'url', url: 'https://h.test/x.git', ref: 'v1' } },
  ];
  write('market/.agents/plugins/marketplace.json', { name: 'team', plugins });
  write('market/sample/.codex-plugin/plugin.json', { name: 'sample', version: '1.0.0' });
}

t.test('a marketplace and a plugin, in and out', async (t) => {
  const places = scratch(t, '');
  market(places.work);
  const root = path.join(places.work, 'market');
  const run = (...args: string[]) => codexd(places, ['plugin', ...args]);
  const said = async (args: readonly string[], stdout: string) =>
    t.strictSame(await run(...args), { code: 0, stdout, stderr: '' }, args.join(' '));
  const failed = async (args: readonly string[], stderr: RegExp, code = 1) =>
    t.match(await run(...args), { code, stdout: '', stderr }, args.join(' '));
  await said(['marketplace', 'list'], 'No plugin marketplaces in scope.\n');
  await said(['list'], 'No marketplace plugins found.\n');
  const installedRoot = `Installed marketplace root: ${root}\n`;
  await said(['marketplace', 'add', './market'], `Added marketplace \`team\` from ${root}.\n${installedRoot}`);
  await said(
    ['marketplace', 'add', './market'],
    `Marketplace \`team\` is already added from ${root}.\n${installedRoot}`,
  );
  await said(['marketplace', 'list'], `MARKETPLACE  ROOT\nteam         ${root}\n`);
  const file = path.join(root, '.agents', 'plugins', 'marketplace.json');
  const table = (status: string, version: string) =>
    `Marketplace \`team\`\n${file}\n\n` +
    `PLUGIN       ${'STATUS'.padEnd(status.length)}  VERSION  SOURCE\n` +
    `sample@team  ${status}  ${version.padEnd(7)}  ${path.join(root, 'sample')}\n` +
    `web@team     ${'not installed'.padEnd(status.length)}           https://h.test/x.git, ref \`v1\`\n`;
  await said(['list'], table('not installed', ''));
  await said(['list', '-m', 'zz'], 'No plugins found in marketplace `zz`.\n');
  await failed(['add', 'sample'], /requires --marketplace unless passed as <plugin>@<marketplace>/);
  await failed(['add', 'nope@team'], /plugin `nope` was not found in marketplace `team`/);
  await failed(['add', 'sample@zz'], /plugin `sample` was not found in marketplace `zz`/);
  await failed(['add', 'sample@team', '-m', 'zz'], /belongs to marketplace `team`, but --marketplace specified `zz`/);
  await failed(['add', '../x@team'], /invalid plugin name/);
  await failed(['list', '--available'], /--json/, 2);
  const files = path.join(places.home, 'plugins', 'cache', 'team', 'sample', '1.0.0');
  await said(
    ['add', 'sample@team'],
    `Added plugin \`sample\` from marketplace \`team\`.\nInstalled plugin root: ${files}\n`,
  );
  await said(['list'], table('installed, enabled', '1.0.0'));
  const listed = JSON.parse((await run('list', '--json', '--available')).stdout) as object;
  t.match(listed, {
    installed: [
      {
        pluginId: 'sample@team',
        version: '1.0.0',
        source: { source: 'local' },
        marketplaceSource: { sourceType: 'local', source: root },
      },
    ],
    available: [
      { pluginId: 'web@team', version: null, source: { source: 'git', url: 'https://h.test/x.git', ref: 'v1' } },
    ],
  });
  t.match(JSON.parse((await run('add', 'sample', '-m', 'team', '--json')).stdout), {
    pluginId: 'sample@team',
    installedPath: files,
  });
  await said(['marketplace', 'upgrade'], 'No configured Git marketplaces to upgrade.\n');
  await failed(['marketplace', 'upgrade', 'team'], /is not configured as a Git marketplace/);
  await said(['remove', 'sample@team'], 'Removed plugin `sample` from marketplace `team`.\n');
  t.notOk(fs.existsSync(files));
  t.match(JSON.parse((await run('remove', 'sample@team', '--json')).stdout), { pluginId: 'sample@team' });
  await said(['marketplace', 'remove', 'team'], 'Removed marketplace `team`.\n');
  await failed(['marketplace', 'remove', 'team'], /is not configured or installed/);
  await failed(['marketplace', 'add', './none'], /failed to resolve local marketplace source path/);
});

t.test('with a configuration that is not valid nothing changes', async (t) => {
  const places = scratch(t, 'model = 1\n');
  market(places.work);
  const ended = await codexd(places, ['plugin', 'marketplace', 'add', './market']);
  t.match(ended, { code: 1, stdout: '', stderr: /config\.toml:1/ });
  t.equal(fs.readFileSync(path.join(places.home, 'config.toml'), 'utf8'), 'model = 1\n');
});
