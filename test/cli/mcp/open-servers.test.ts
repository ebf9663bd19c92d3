/** The configuration of `codexd mcp`: a faulty one is named, and strict checks are refused as in the reference. */
import t from 'tap';
import { codexd, scratch } from '../../fixtures/program.js';

t.setTimeout(60_000);

t.test('a faulty configuration is an error with its place', async (t) => {
  const places = scratch(t, '[mcp_servers.a]\nargs = []\n');
  for (const args of [['list'], ['get', 'a'], ['login', 'a']]) {
    t.match(await codexd(places, ['mcp', ...args]), {
      code: 1,
      stdout: '',
      stderr: /config\.toml:1:\d+: invalid transport/,
    });
  }
});

t.test('--strict-config', async (t) => {
  t.match(await codexd(scratch(t, ''), ['--strict-config', 'mcp', 'list']), {
    code: 1,
    stderr: 'Error: `--strict-config` is not supported for `codexd mcp`\n',
  });
});
