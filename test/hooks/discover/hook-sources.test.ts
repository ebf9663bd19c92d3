import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { requiredHooks } from '../../../server/hooks/discover/hook-sources.js';
import { parseToml } from '../../../server/config/toml/parse-toml.js';
import { json, placeIn, rows, toml, trusts } from './support.js';

const FLAG = { overrides: ['hooks.Stop=[{hooks=[{type="command",command="flag"}]}]'] };

t.test('the order of the sources, and one warning for each layer that has both forms', (t) => {
  const place = placeIn(t.testdir());
  const found = place.hooks({
    files: {
      'etc/requirements.toml': toml('Stop', 'required'),
      'etc/hooks.json': json('Stop', 'system-json'),
      'etc/config.toml': toml('Stop', 'system-toml'),
      'etc/managed_config.toml': toml('Stop', 'managed'),
      'home/hooks.json': json('Stop', 'user-json'),
      'home/config.toml': toml('Stop', 'user-toml') + trusts(place.work),
      'work/.codex/hooks.json': json('Stop', 'project-json'),
      'work/.codex/config.toml': toml('Stop', 'project-toml'),
    },
    flags: FLAG,
  });
  t.strictSame(rows(found), [
    ['required', 'system', 0],
    ['system-json', 'system', 1],
    ['system-toml', 'system', 2],
    ['user-json', 'user', 3],
    ['user-toml', 'user', 4],
    ['project-json', 'project', 5],
    ['project-toml', 'project', 6],
    ['flag', 'sessionFlags', 7],
    ['managed', 'legacyManagedConfigFile', 8],
  ]);
  t.same(
    found.warnings,
    [place.etc, place.home, `${place.work}/.codex`].map(
      (folder) =>
        `loading hooks from both ${folder}/hooks.json and ${folder}/config.toml; prefer a single representation for this layer`,
    ),
  );
  t.match(
    found.hooks.map(({ isManaged }) => isManaged),
    [true, true, true, false, false, false, false, false, true],
  );
  t.equal(found.hooks[7]?.key, '/<session-flags>/config.toml:stop:0:0');
  t.end();
});

t.test('the hooks of an untrusted project are not read', (t) => {
  const place = placeIn(t.testdir());
  const files = { 'work/.codex/hooks.json': json('Stop', 'a'), 'work/.codex/config.toml': toml('Stop', 'b') };
  t.same(place.hooks({ files }).hooks, []);
  t.same(place.hooks({ files }).warnings, []);
  t.end();
});

t.test('allow_managed_hooks_only leaves out what people, projects and flags have', (t) => {
  const place = placeIn(t.testdir());
  const found = place.hooks({
    files: {
      'etc/requirements.toml': `allow_managed_hooks_only = true\n${toml('Stop', 'required')}`,
      'etc/config.toml': toml('Stop', 'system'),
      'home/hooks.json': '{',
      'home/config.toml': toml('Stop', 'user') + trusts(place.work),
      'work/.codex/hooks.json': json('Stop', 'project'),
    },
    flags: FLAG,
    options: { bypassesTrust: true },
  });
  t.same(
    rows(found).map((row) => (row as unknown[])[0]),
    ['required', 'system'],
  );
  t.same(found.warnings, []);
  t.same(found.runnable.length, 2);
  t.end();
});

t.test('one file beside a profile is read once', (t) => {
  const place = placeIn(t.testdir());
  const found = place.hooks({
    files: {
      'home/hooks.json': json('Stop', 'json'),
      'home/config.toml': toml('Stop', 'user'),
      'home/p.config.toml': toml('Stop', 'profile'),
    },
    flags: { profile: 'p' },
  });
  t.same(
    rows(found).map((row) => (row as unknown[])[0]),
    ['json', 'user', 'profile'],
  );
  t.end();
});

t.test('what makes the administrator’s hooks unusable', (t) => {
  const folder = fs.realpathSync(t.testdir({ file: '' }));
  const failures = (text: string): readonly string[] => requiredHooks(parseToml(text), '/etc/r.toml').failures;
  const hook = toml('Stop', 'guard');
  t.same(failures(`[hooks]\nmanaged_dir = "${folder}"\n${hook}`), []);
  t.same(failures(hook), []);
  t.match(failures(`[hooks]\nmanaged_dir = "rel"\n${hook}`), [
    'hooks.managed_dir of /etc/r.toml is no absolute path: rel',
  ]);
  for (const name of ['missing', 'file'])
    t.match(failures(`[hooks]\nmanaged_dir = "${path.join(folder, name)}"\n${hook}`), [/is no folder/]);
  t.match(failures(toml('Later', 'guard')), ['hooks.Later of /etc/r.toml: there is no such event']);
  t.equal(
    requiredHooks(parseToml(`[hooks]\nmanaged_dir = "${folder}"\n${hook}`), '/r').declarations[0]?.sourcePath,
    folder,
  );
  t.equal(requiredHooks(parseToml(hook), '/r').declarations[0]?.sourcePath, '/r');
  t.same(requiredHooks(parseToml(''), '/r').declarations, []);
  t.end();
});
