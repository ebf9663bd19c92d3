/** `codexd mcp login` and `logout` say what is missing, and what is possible. */
import t from 'tap';
import { codexd, scratch } from '../../fixtures/program.js';

t.setTimeout(60_000);

t.test('each refusal has its reason', async (t) => {
  const places = scratch(t, '[mcp_servers.s]\ncommand = "x"\n[mcp_servers.h]\nurl = "http://127.0.0.1:1"\n');
  for (const [args, stderr] of [
    [['mcp', 'login', 'nope'], "Error: No MCP server named 'nope' found.\n"],
    [['mcp', 'logout', 'nope'], "Error: No MCP server named 'nope' found in configuration.\n"],
    [['mcp', 'login', 's'], 'Error: OAuth login is only supported for streamable HTTP servers.\n'],
    [['mcp', 'logout', 's'], 'Error: OAuth logout is only supported for streamable_http transports.\n'],
    [
      ['mcp', 'login', 'h', '--scopes', 'a,b'],
      /not sign in to MCP servers yet.*`codexd mcp login`.*bearer_token_env_var/,
    ],
    [['mcp', 'logout', 'h'], /not sign in to MCP servers yet.*`codexd mcp logout`/],
  ] as const) {
    t.match(await codexd(places, args), { code: 1, stdout: '', stderr }, args.join(' '));
  }
});
