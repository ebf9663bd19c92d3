/** Columns, and numbers of seconds in JSON. */
import t from 'tap';
import { listJson, serverTables } from '../../../server/cli/mcp/report-text.js';
import { serverReports } from '../../../server/cli/mcp/server-report.js';
import { parseToml } from '../../../server/config/toml/parse-toml.js';

const reports = (text: string) =>
  serverReports(parseToml(text)).map((report) => ({ ...report, auth: 'unsupported' as const }));

t.equal(
  serverTables(reports('[mcp_servers.a]\ncommand = "öö-long-command"\n[mcp_servers.b]\ncommand = "x"\n')),
  'Name  Command          Args  Env  Cwd  Status   Auth       \n' +
    'a     öö-long-command  -     -    -    enabled  Unsupported\n' +
    'b     x                -     -    -    enabled  Unsupported\n',
);
t.ok(serverTables(reports('[mcp_servers.h]\nurl = "u"\n')).startsWith('Name  Url'), 'no table without rows');

const text = listJson(
  reports(
    `[mcp_servers.a]\ncommand = '''\n\n "tool_timeout_sec": 1'''\ntool_timeout_sec = 3\nstartup_timeout_sec = 0.5\nenv = { tool_timeout_sec = "7" }\n`,
  ),
);
t.match(text, '"tool_timeout_sec": 3.0,\n');
t.match(text, '"startup_timeout_sec": 0.5,\n');
t.match(text, '"tool_timeout_sec": "7"\n', 'a variable of the same name stays');
t.equal((JSON.parse(text) as { transport: { command: string } }[])[0]?.transport.command, '\n "tool_timeout_sec": 1');
