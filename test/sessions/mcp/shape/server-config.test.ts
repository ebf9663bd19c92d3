import t from 'tap';
import { parseToml } from '../../../../server/config/toml/parse-toml.js';
import { isToolEnabled, mcpServerConfigs } from '../../../../server/sessions/mcp/shape/server-config.js';

const read = (toml: string) => mcpServerConfigs(parseToml(toml));

t.test('what is not said has the official program’s values', async (t) => {
  const [config] = read('[mcp_servers.a]\ncommand = "x"\n');
  t.match(config, {
    name: 'a',
    enabled: true,
    required: false,
    startupTimeoutMs: 30_000,
    toolTimeoutMs: 300_000,
    enabledTools: null,
    defaultMode: 'auto',
    transport: { kind: 'stdio', command: 'x', args: [], envVars: [], cwd: null },
  });
});

t.test('everything that is said is read, and servers come by name', async (t) => {
  const [first, second] = read(`
[mcp_servers.z]
url = "https://h.test/mcp"
bearer_token_env_var = "TOKEN"
http_headers = { A = "1" }
env_http_headers = { B = "VAR" }
[mcp_servers.b]
command = "x"
args = ["1"]
env = { C = "2" }
env_vars = ["D", { name = "E" }]
cwd = "/w"
enabled = false
required = true
startup_timeout_sec = 0.5
tool_timeout_sec = 7
default_tools_approval_mode = "writes"
supports_parallel_tool_calls = true
[mcp_servers.b.tools.t]
approval_mode = "approve"
[mcp_servers.b.tools.off]
enabled = false
`);
  t.match(first, {
    name: 'b',
    enabled: false,
    required: true,
    startupTimeoutMs: 500,
    toolTimeoutMs: 7000,
    defaultMode: 'writes',
    parallel: true,
    disabledTools: ['off'],
    transport: { kind: 'stdio', args: ['1'], env: { C: '2' }, envVars: ['D', 'E'], cwd: '/w' },
  });
  t.equal(first?.toolModes.get('t'), 'approve');
  t.match(second?.transport, {
    kind: 'http',
    url: 'https://h.test/mcp',
    bearerTokenEnvVar: 'TOKEN',
    headers: { A: '1' },
    envHeaders: { B: 'VAR' },
  });
});

t.test('a tool is on when it is named, or none is, and it is not switched off', async (t) => {
  const [some, none] = read(
    '[mcp_servers.a]\ncommand = "x"\nenabled_tools = ["p", "q"]\ndisabled_tools = ["q"]\n[mcp_servers.b]\ncommand = "x"\nenabled_tools = []\n',
  );
  t.same(
    ['p', 'q', 'r'].map((tool) => isToolEnabled(some!, tool)),
    [true, false, false],
  );
  t.notOk(isToolEnabled(none!, 'p'));
});

t.test('a server of another environment is off', async (t) => {
  const servers = read(
    ['', 'environment_id = "local"', 'environment_id = "remote"', 'environment_id = ""']
      .map((line, n) => `[mcp_servers.s${n}]\ncommand = "x"\n${line}\n`)
      .join(''),
  );
  t.same(
    servers.map(({ enabled }) => enabled),
    [true, true, false, false],
  );
});
