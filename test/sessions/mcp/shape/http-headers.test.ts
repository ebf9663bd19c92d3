import t from 'tap';
import { parseToml } from '../../../../server/config/toml/parse-toml.js';
import { hasOwnToken, httpHeaders } from '../../../../server/sessions/mcp/shape/http-headers.js';
import { mcpServerConfigs, type HttpTransport } from '../../../../server/sessions/mcp/shape/server-config.js';

t.test('headers come from the configuration and from variables; a token that is not there is said', async (t) => {
  const of = (more: string) =>
    mcpServerConfigs(parseToml(`[mcp_servers.h]\nurl = "http://h.test"\n${more}`))[0]!.transport as HttpTransport;
  const all = of(
    'bearer_token_env_var = "TOKEN"\nhttp_headers = { A = "1" }\nenv_http_headers = { B = "VAR", C = "NONE" }',
  );
  t.same(httpHeaders(all, 'h', { TOKEN: 'tok', VAR: ' v ' }), { a: '1', b: 'v', authorization: 'Bearer tok' });
  t.equal(httpHeaders(all, 'h', {}), "Environment variable TOKEN for MCP server 'h' is not set");
  t.match(httpHeaders(of('http_headers = { "a b" = "1" }'), 'h', {}), /a header cannot be sent/);
  t.equal(hasOwnToken(all), true);
  t.equal(hasOwnToken(of('http_headers = { Authorization = "Basic x" }')), true);
  t.equal(hasOwnToken(of('http_headers = { X = "1" }')), false);
});
