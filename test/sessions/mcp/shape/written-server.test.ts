import t from 'tap';
import { parseToml } from '../../../../server/config/toml/parse-toml.js';
import { serverTables, writtenServer } from '../../../../server/sessions/mcp/shape/written-server.js';

const of = (toml: string) => writtenServer(parseToml(toml));

t.test('what is not written is null', async (t) => {
  t.same(of('command = "x"'), {
    enabled: true,
    enabledTools: null,
    disabledTools: null,
    startupTimeout: null,
    toolTimeout: null,
    permissions: null,
    transport: { kind: 'stdio', command: 'x', args: [], env: null, envVars: [], cwd: null },
  });
  t.same(of('url = "u"').transport, {
    kind: 'http',
    url: 'u',
    bearerTokenEnvVar: null,
    headers: null,
    envHeaders: null,
    hasHeadersHelper: false,
  });
});

t.test('what is written stays as it is', async (t) => {
  t.match(of('command = "x"\nenv_vars = ["A", { name = "B" }]\nenv = { Z = "1", A = "2" }\nenabled_tools = []'), {
    enabledTools: [],
    transport: { envVars: ['A', { name: 'B' }], env: { A: '2', Z: '1' } },
  });
  t.match(of('command = "x"\nstartup_timeout_ms = 1500\ntool_timeout_sec = 0.1'), {
    startupTimeout: 1.5,
    toolTimeout: 0.1,
  });
  t.match(of('command = "x"\npermissions = "tight"'), { permissions: 'tight' });
  t.match(of('command = "x"\nstartup_timeout_sec = 2\nstartup_timeout_ms = 1500'), { startupTimeout: 2 });
});

t.test('servers come in the order of the bytes of their names', async (t) => {
  const names = serverTables(parseToml('mcp_servers = { b = {}, B = {}, "ö" = {} }')).map(([name]) => name);
  t.same(names, ['B', 'b', 'ö']);
});
