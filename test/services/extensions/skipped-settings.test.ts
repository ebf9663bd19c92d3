import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../../fixtures/daemon.js';

t.setTimeout(120_000);

const HOOK = `
[[hooks.PreToolUse]]
matcher = ".*"
[[hooks.PreToolUse.hooks]]
type = "command"
command = "exit 2"
`;

const server = (more: string): string => `[mcp_servers.docs]\ncommand = "no-such-server"\n${more}\n`;

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

t.test('clients get a warning about configured hooks and MCP servers that do not run', async (t) => {
  t.match(await warned(HOOK + server(''), 2), [/does not run hooks.*config\.toml.*preToolUse/, /MCP servers.*`docs`/]);
});

t.test('a thread is refused while a required server is enabled, and starts when it is disabled', async (t) => {
  const daemon = await startDaemon({ config: server('required = true') });
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  await t.rejects(client.request('thread/start', {}), {
    code: -32603,
    message: /required MCP servers failed to initialize: docs: codexd does not start MCP servers yet/,
  });
  const { thread } = await client.request('thread/start', { config: { 'mcp_servers.docs.enabled': false } });
  t.ok(thread.id);
  await t.rejects(client.request('thread/fork', { threadId: thread.id }), /required MCP servers|no rollout/);
  const sessions = path.join(daemon.home, 'sessions');
  t.notOk(fs.existsSync(sessions) && fs.readdirSync(sessions).length > 0, 'nothing was written');
});
