import t from 'tap';
import { parseToml } from '../../../../server/config/toml/parse-toml.js';
import { tableAt } from '../../../../server/config/toml/value.js';
import { allowedServers } from '../../../../server/sessions/mcp/shape/allowed-servers.js';

const CONFIG = parseToml(`
[mcp_servers.docs]
command = "docs-server"
[mcp_servers.other]
command = "docs-server"
[mcp_servers.web]
url = "https://h.test/mcp"
`);
const on = (requirements: string | null): string[] =>
  allowedServers(CONFIG, requirements === null ? null : tableAt(parseToml(requirements), 'mcp_servers'), []).flatMap(
    (config) => (config.enabled ? [config.name] : []),
  );

t.test('only what the administrator names, with its program or its address, is on', async (t) => {
  t.same(on(null), ['docs', 'other', 'web'], 'requirements that do not speak of servers');
  t.same(on('[mcp_servers]'), [], 'none is named');
  t.same(on('[mcp_servers.docs.identity]\ncommand = "docs-server"'), ['docs']);
  t.same(on('[mcp_servers.docs.identity]\ncommand = "another"'), [], 'another program under the same name');
  t.same(on('[mcp_servers.docs.identity]\nurl = "docs-server"'), [], 'an address is no program');
  t.same(on('[mcp_servers.web.identity]\nurl = "https://h.test/mcp"'), ['web']);
  t.same(on('[mcp_servers.web.identity]\nurl = "https://h.test/mcp"\ncommand = "x"'), [], 'both are neither');
  t.same(on('[mcp_servers.docs]\nidentity = 5'), [], 'what cannot be read allows nothing');
});
