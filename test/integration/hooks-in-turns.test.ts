/** Hooks of a person in turns of a daemon: trusted by a client, they guard calls, and end with what they belong to. */
import t from 'tap';
import { alive, marker } from '../exec/support/processes.js';
import { commands, exec, turnScene, type TurnScene } from '../fixtures/turn-scene.js';
import { logged, mcpProgram, mcpTable } from '../fixtures/mcp-server.js';
import { until } from '../fixtures/until.js';

t.setTimeout(120_000);

const hooks = (event: string, command: string): string =>
  `[[hooks.${event}]]\n[[hooks.${event}.hooks]]\ntype = "command"\ncommand = ${JSON.stringify(command)}\n`;

/** As clients do it: the hashes of `hooks/list` become entries of the user's file, which is read again. */
async function trust({ client }: TurnScene): Promise<void> {
  const { data } = await client.request('hooks/list', {});
  const value = Object.fromEntries(
    data.flatMap((entry) => entry.hooks.map(({ key, currentHash }) => [key, { trusted_hash: currentHash }])),
  );
  const edits = [{ keyPath: 'hooks.state', value, mergeStrategy: 'upsert' as const }];
  await client.request('config/batchWrite', { edits, reloadUserConfig: true });
}

t.test('a guard counts from the moment at which a client trusts it', async (t) => {
  const guard = 'grep -q forbidden && { echo not here >&2; exit 2; } || true';
  const script = [
    ...commands(exec('c1', 'echo forbidden')),
    ...commands(exec('c2', 'echo forbidden'), exec('c3', 'echo fine')),
  ];
  const scene = await turnScene(t, script, { tables: hooks('PreToolUse', guard) });
  const thread = await scene.startThread();
  await scene.turn(thread);
  t.ok(scene.completed.has('c1'), 'nobody has trusted it');
  await trust(scene);
  const statuses: string[] = [];
  scene.client.onNotification('hook/completed', ({ run }) => void statuses.push(`${run.eventName} ${run.status}`));
  await scene.turn(thread);
  t.notOk(scene.completed.has('c2'));
  t.ok(scene.completed.has('c3'));
  t.same(statuses.sort(), ['preToolUse blocked', 'preToolUse completed']);
  const last = JSON.stringify(scene.model.requests.at(-1)?.body);
  t.match(last, /Command blocked by PreToolUse hook: not here. Command: echo forbidden/);
});

t.test('an interrupt and an archive end a hook with its children', async (t) => {
  const mark = marker();
  const scene = await turnScene(t, () => commands(exec('c1', 'true'))[0]!, {
    tables: hooks('UserPromptSubmit', `sleep ${mark} & sleep ${mark}`),
  });
  await trust(scene);
  const running = async (): Promise<{ readonly threadId: string; readonly turnId: string }> => {
    const threadId = await scene.startThread();
    const { turn } = await scene.client.request('turn/start', { threadId, input: [{ type: 'text', text: 'go' }] });
    await until(() => alive(mark).length >= 2, 'the hook runs');
    return { threadId, turnId: turn.id };
  };
  await scene.client.request('turn/interrupt', await running());
  await until(() => alive(mark).length === 0, 'an interrupt ends it');
  const { threadId } = await running();
  await scene.client.request('thread/archive', { threadId });
  await until(() => alive(mark).length === 0, 'an archive ends it');
});

t.test('a tool of an MCP server is a hook as well, and its failure refuses nothing', async (t) => {
  const { file, logFile } = mcpProgram(
    t.testdir(),
    `guard: { run: (a) => { log(a); return text(JSON.stringify(a.command.includes('forbidden') ? { decision: 'block', reason: 'the server says no' } : {})); } },
     broken: { run: () => ({ ...text('out of order'), isError: true }) }`,
  );
  const tool = (name: string, input: string): string =>
    `[[hooks.PreToolUse]]\n[[hooks.PreToolUse.hooks]]\ntype = "mcp_tool"\nserver = "srv"\ntool = "${name}"\n${input}\n`;
  const tables =
    mcpTable('srv', file) + tool('guard', 'input = { command = "${tool_input.command}" }') + tool('broken', '');
  const script = commands(exec('c1', 'echo forbidden'), exec('c2', 'echo fine'));
  const scene = await turnScene(t, script, { tables });
  await trust(scene);
  const runs: string[] = [];
  scene.client.onNotification('hook/completed', ({ run }) => {
    runs.push(`${run.handlerType} ${run.status} ${run.entries.map(({ text }) => text).join()}`);
  });
  await scene.turn(await scene.startThread());
  t.notOk(scene.completed.has('c1'));
  t.ok(scene.completed.has('c2'));
  t.same(
    logged(logFile).filter(({ command }) => command !== undefined),
    [{ command: 'echo forbidden' }, { command: 'echo fine' }],
  );
  t.same(
    runs.sort(),
    [
      'mcpTool blocked the server says no',
      'mcpTool completed ',
      'mcpTool failed MCP tool returned an error: out of order',
      'mcpTool failed MCP tool returned an error: out of order',
    ].sort(),
  );
});
