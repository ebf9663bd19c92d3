/** The official MCP inspector, unmodified, as the client of `codexd mcp-server`. */
import t, { type Test } from 'tap';
import { say, startModelServer } from '../fixtures/model-server.js';
import { scratch, scriptedConfig } from '../fixtures/program.js';
import { startChild } from '../fixtures/programs.js';
import { CODEXD, installed, unless } from '../fixtures/real-clients.js';

t.setTimeout(120_000);

const inspector = installed('@modelcontextprotocol', 'inspector', 'cli', 'build', 'cli.js');
const skip = unless(inspector, '@modelcontextprotocol/inspector');

/** What the inspector prints for a method. */
async function inspect(t: Test, ...args: readonly string[]): Promise<unknown> {
  const model = await startModelServer(say('hello from the model'));
  t.teardown(() => model.close());
  const { home, work, user } = scratch(t, scriptedConfig(model.url));
  const child = startChild(process.execPath, [inspector!, '--cli', process.execPath, CODEXD, 'mcp-server', ...args], {
    cwd: work,
    env: { CODEX_HOME: home, HOME: user },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let printed = '';
  child.stdout.on('data', (piece: Buffer) => (printed += piece.toString()));
  t.equal(await ended, 0);
  return JSON.parse(printed);
}

t.test('it lists the tools', { skip }, async (t) => {
  t.match(await inspect(t, '--method', 'tools/list'), { tools: [{ name: 'codex' }, { name: 'codex-reply' }] });
});

t.test('it calls a tool', { skip }, async (t) => {
  const args = ['--method', 'tools/call', '--tool-name', 'codex', '--tool-arg', 'prompt=hello'];
  t.match(await inspect(t, ...args), {
    content: [{ type: 'text', text: 'hello from the model' }],
    structuredContent: { threadId: /^[0-9a-f-]{36}$/, content: 'hello from the model' },
  });
});
