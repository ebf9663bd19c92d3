import path from 'node:path';
import t from 'tap';
import { networkAudit } from '../../../server/config/settings/network-audit.js';
import { checkStartup } from '../../../server/config/settings/startup.js';
import { local, slashed } from '../../fixtures/local-paths.js';
import { makeHome } from '../home.js';

const section = (text: string): string => `[codexd.network_audit]\n${text}\n`;

t.test('the file of decisions, and its limits', async (t) => {
  const rows: [why: string, text: string, expected: object | null][] = [
    ['off by default', '', null],
    ['off', section('path = "a/b"'), null],
    ['on', section('enabled = true'), { path: 'HOME/log/network-decisions.jsonl', maxBytes: 10485760, maxFiles: 5 }],
    ['relative to the Codex home', section('enabled = true\npath = "audit/x.jsonl"'), { path: 'HOME/audit/x.jsonl' }],
    [
      'absolute',
      section('enabled = true\npath = "/srv/audit/x.jsonl"'),
      { path: slashed(local('/srv/audit/x.jsonl')) },
    ],
    ['in the user’s home', section('enabled = true\npath = "~/audit/x.jsonl"'), { path: 'USER/audit/x.jsonl' }],
    ['room for a few lines', section('enabled = true\nmax_bytes = 1\nmax_files = 1'), { maxBytes: 4096, maxFiles: 1 }],
  ];
  for (const [why, config, expected] of rows) {
    const { source, home } = makeHome(t, { config });
    const found = networkAudit(source.resolve().effective.table, source.sources);
    if (expected === null || found === null) t.equal(found, expected, why);
    else {
      const shown = found.path.replace(home, 'HOME').replace(source.sources.home, 'USER');
      t.match({ ...found, path: slashed(shown) }, expected, why);
    }
    t.strictSame(checkStartup(source).warnings, [], why);
  }
});

t.test('a folder that commands need is refused, and clients receive a warning', async (t) => {
  for (const file of ['audit.jsonl', '/audit.jsonl', '~/audit.jsonl', '../audit.jsonl', 'WORK/audit.jsonl']) {
    const home = makeHome(t);
    const written = file.replace('WORK', slashed(home.work));
    home.config(section(`enabled = true\npath = "${written}"`));
    const [warning, ...others] = checkStartup(home.source).warnings;
    t.match(warning, { summary: `codexd.network_audit.path: ${JSON.stringify(written)} lies in ` }, file);
    t.match(warning?.summary, /give the file a folder of its own/, file);
    t.strictSame(others, []);
  }
});

t.test('a value of the wrong type makes the configuration invalid; an unknown key is named', async (t) => {
  const { source: unknown } = makeHome(t, { config: section('enabledd = true') });
  t.match(checkStartup(unknown).warnings, [{ summary: /`codexd\.network_audit\.enabledd` is ignored/ }]);
  for (const text of ['enabled = "yes"', 'max_files = 0', 'max_bytes = -1', 'path = 5']) {
    const { source } = makeHome(t, { config: section(text) });
    t.match(checkStartup(source).warnings, [{ summary: 'Invalid configuration; using defaults.' }], text);
  }
});

t.test('paths are normalised', async (t) => {
  const { source, home } = makeHome(t, { config: section('enabled = true\npath = "log/../log/./x.jsonl"') });
  const found = networkAudit(source.resolve().effective.table, source.sources);
  t.equal(found?.path, path.join(home, 'log', 'x.jsonl'));
});
