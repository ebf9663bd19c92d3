import t from 'tap';
import { skippedSettings } from '../../../server/services/extensions/skipped-settings.js';
import { startDaemon } from '../../fixtures/daemon.js';
import { installedScene } from '../../plugins/support.js';

t.setTimeout(120_000);

const HOOK = `
[[hooks.PreToolUse]]
matcher = ".*"
[[hooks.PreToolUse.hooks]]
type = "command"
command = "exit 2"
`;

const SERVERS = `
[mcp_servers.plain]
command = "no-such-server"
[mcp_servers.signed]
url = "http://127.0.0.1:9/mcp"
auth = "chatgpt"
[mcp_servers.elsewhere]
command = "no-such-server"
environment_id = "remote"
[mcp_servers.confined]
command = "no-such-server"
permissions = "tight"
[mcp_servers.off]
url = "http://127.0.0.1:9/mcp"
enabled = false
auth = "chatgpt"
`;

/** Summaries of the first `count` warnings. */
async function warned(config: string, count: number): Promise<readonly string[]> {
  const daemon = await startDaemon({ config });
  try {
    const client = await daemon.connect();
    const found: string[] = [];
    await new Promise<void>((resolve) =>
      client.onNotification('configWarning', ({ summary }) => {
        found.push(summary);
        if (found.length === count) resolve();
      }),
    );
    return found;
  } finally {
    await daemon.stop();
  }
}

t.test('clients get a warning about hooks that do not run, and about keys of servers without effect', async (t) => {
  const summaries = await warned(HOOK + SERVERS, 3);
  t.match(summaries, [
    /hooks do not run until a person has reviewed.*preToolUse.*config\.toml/,
    /OAuth and in no other way: `mcp_servers\.signed\.auth` has no effect/,
    /this machine only, and does not start `elsewhere` \(environment_id = "remote"\)/,
  ]);
  t.notMatch(summaries.join('\n'), /plain|off|confined/, 'what has an effect, and what is off, is not spoken of');
});

t.test('servers of plugins that are left out', (t) => {
  const scene = installedScene(t.testdir());
  const servers = { away: { command: 'a', cwd: '../..' }, fine: { command: 'a' } };
  scene.write({ 'home/plugins/cache/team/sample/1.0.0/.mcp.json': servers });
  t.match(
    skippedSettings(scene.source).map(({ summary }) => summary),
    [
      /hooks do not run until/,
      /^the MCP server away of plugin sample@team is left out: its cwd is no folder of the plugin/,
    ],
  );
  t.end();
});
