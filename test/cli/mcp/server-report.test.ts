/** What is said of a server, by its table of the configuration. */
import t from 'tap';
import { serverReport, serverReports } from '../../../server/cli/mcp/server-report.js';
import { parseToml } from '../../../server/config/toml/parse-toml.js';

const URL_KEY = 'url = "http://127.0.0.1:1"\n';

for (const [text, startup, tool] of [
  ['', null, null],
  ['startup_timeout_sec = 20\ntool_timeout_sec = 1e-10', 20, 0],
  ['startup_timeout_ms = 1500\ntool_timeout_sec = 0.1', 1.5, 0.1],
  ['startup_timeout_sec = 2.5\nstartup_timeout_ms = 500', 2.5, null],
] as const) {
  const report = serverReport('s', parseToml(`command = "x"\n${text}`));
  t.strictSame([report.startupTimeout, report.toolTimeout], [startup, tool], text);
}

t.match(serverReport('s', parseToml(`${URL_KEY}http_headers_helper = "secret program"`)).transport, {
  http_headers_helper: '<redacted>',
});
t.strictSame(
  serverReports(parseToml('mcp_servers = { b = { command = "" }, B = { command = "" }, "ö" = { command = "" } }')).map(
    ({ name }) => name,
  ),
  ['B', 'b', 'ö'],
);
