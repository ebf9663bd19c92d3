import t from 'tap';
import type { ConfigService } from '../../../../server/config/settings/config-service.js';
import { parseToml } from '../../../../server/config/toml/parse-toml.js';
import { ConfigError } from '../../../../server/errors/config-error.js';
import { serverRequirements } from '../../../../server/sessions/mcp/shape/server-requirements.js';

const of = (requirements: unknown) =>
  serverRequirements({ enforcedRequirements: () => requirements } as unknown as ConfigService);

t.test('null stands for requirements that do not speak of servers; what cannot be read allows none', async (t) => {
  t.equal(of({ table: parseToml('') }), null);
  t.same(Object.keys(of({ table: parseToml('[mcp_servers.a.identity]\ncommand = "x"') }) ?? {}), ['a']);
  t.same(Object.keys(of({ table: parseToml('mcp_servers = 5') }) ?? { wrong: 1 }), []);
  t.same(Object.keys(of(new ConfigError('broken')) ?? { wrong: 1 }), []);
});
