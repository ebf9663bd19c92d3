/** `codexd mcp list` and `get`: what the reference prints for the same files, but for the name of the program. */
import t from 'tap';
import { codexd, scratch } from '../../fixtures/program.js';

t.setTimeout(120_000);

const CONFIG = `
[mcp_servers.full]
command = "prog"
args = ["a", "b c", ""]
env_vars = ["HOME", { name = "X", source = "remote" }]
cwd = "/tmp/x y"
enabled = false
env = { Z = "z", A = "secret" }

[mcp_servers.min]
command = ""
enabled_tools = []
disabled_tools = ["d1", "d2"]
startup_timeout_sec = 20

[mcp_servers.web]
url = "http://127.0.0.1:1/long/path"
http_headers = { X-B = "v", X-A = "w" }
env_http_headers = { Y-B = "VB", Y-A = "VA" }
startup_timeout_ms = 500
tool_timeout_sec = 0.25
`;

t.test('tables hide the values of variables', async (t) => {
  const places = scratch(t, CONFIG);
  t.strictSame(await codexd(places, ['mcp', 'list']), {
    code: 0,
    stdout: `Name  Command  Args    Env                                    Cwd       Status    Auth       
full  prog     a b c   A=*****, Z=*****, HOME=*****, X=*****  /tmp/x y  disabled  Unsupported
min            -       -                                      -         enabled   Unsupported

Name  Url                           Bearer Token Env Var  Status   Auth   
web   http://127.0.0.1:1/long/path  -                     enabled  Unknown
`,
    stderr: '',
  });
  const { stdout } = await codexd(places, ['-c', 'mcp_servers.q.command="z"', 'mcp', 'list']);
  t.match(stdout, /^q +z +- +- +- +enabled +Unsupported$/m, 'the command line counts');
});

t.test('one server', async (t) => {
  const places = scratch(t, CONFIG);
  const get = async (...args: string[]) => (await codexd(places, ['mcp', 'get', ...args])).stdout;
  t.equal(await get('full'), 'full (disabled)\n');
  t.equal(
    await get('min'),
    'min\n  enabled: true\n  enabled_tools: []\n  disabled_tools: d1, d2\n  transport: stdio\n  command: \n  args: -\n  cwd: -\n  env: -\n  startup_timeout_sec: 20\n  remove: codexd mcp remove min\n',
  );
  t.equal(
    await get('web'),
    'web\n  enabled: true\n  transport: streamable_http\n  url: http://127.0.0.1:1/long/path\n  bearer_token_env_var: -\n  http_headers: X-A=*****, X-B=*****\n  env_http_headers: Y-A=VA, Y-B=VB\n  http_headers_helper: -\n  startup_timeout_sec: 0.5\n  tool_timeout_sec: 0.25\n  remove: codexd mcp remove web\n',
  );
  t.match(await get('min', '--json'), '"startup_timeout_sec": 20.0,\n');
  t.strictSame(JSON.parse(await get('full', '--json')), {
    name: 'full',
    enabled: false,
    disabled_reason: null,
    transport: {
      type: 'stdio',
      command: 'prog',
      args: ['a', 'b c', ''],
      env: { A: 'secret', Z: 'z' },
      env_vars: ['HOME', { name: 'X', source: 'remote' }],
      cwd: '/tmp/x y',
    },
    enabled_tools: null,
    disabled_tools: null,
    startup_timeout_sec: null,
    tool_timeout_sec: null,
  });
});

t.test('the list as JSON', async (t) => {
  const { stdout } = await codexd(scratch(t, CONFIG), ['mcp', 'list', '--json']);
  const list = JSON.parse(stdout) as Record<string, unknown>[];
  t.strictSame(
    list.map(({ name, auth_status: auth }) => [name, auth]),
    [
      ['full', 'unsupported'],
      ['min', 'unsupported'],
      ['web', 'unknown'],
    ],
  );
  t.ok(
    stdout.endsWith(
      '    "startup_timeout_sec": 0.5,\n    "tool_timeout_sec": 0.25,\n    "auth_status": "unknown"\n  }\n]\n',
    ),
  );
  t.strictSame(Object.keys(list[0] ?? {}), [
    'name',
    'enabled',
    'disabled_reason',
    'transport',
    'startup_timeout_sec',
    'tool_timeout_sec',
    'auth_status',
  ]);
});

t.test('nothing there', async (t) => {
  const places = scratch(t, '');
  t.match(await codexd(places, ['mcp', 'list']), {
    code: 0,
    stdout: 'No MCP servers configured yet. Try `codexd mcp add my-tool -- my-command`.\n',
  });
  t.match(await codexd(places, ['mcp', 'list', '--json']), { code: 0, stdout: '[]\n' });
  for (const name of ['x', '', 'toString']) {
    t.match(await codexd(places, ['mcp', 'get', name]), {
      code: 1,
      stdout: '',
      stderr: `Error: No MCP server named '${name}' found.\n`,
    });
  }
});
