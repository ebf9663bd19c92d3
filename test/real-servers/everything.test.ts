/** The server that shows every feature of MCP, over pipes and over HTTP. */
import net from 'node:net';
import t, { type Test } from 'tap';
import { startChild } from '../fixtures/programs.js';
import { unless } from '../fixtures/real-clients.js';
import { until } from '../fixtures/until.js';
import { calls, type Scene } from '../sessions/turn/support.js';
import { nodeTable, serverProgram, turnWith, use, withServers } from './support.js';

t.setTimeout(240_000);

const program = serverProgram('everything');
const skip = unless(program, '@modelcontextprotocol/server-everything');

/** The server over streamable HTTP; its address. */
async function overHttp(t: Test): Promise<string> {
  const port = await new Promise<number>((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(port));
    });
  });
  const child = startChild(process.execPath, [program!, 'streamableHttp'], {
    env: { PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.teardown(() => child.kill());
  let said = '';
  child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
  await until(
    () => said.includes('listening'),
    () => `the server listens: ${said}`,
  );
  return `http://127.0.0.1:${port}/mcp`;
}

const PLACES: Readonly<Record<string, (t: Test) => Promise<string>>> = {
  pipes: async () => nodeTable('all', program!, ['stdio']),
  'streamable HTTP': async (t) => `[mcp_servers.all]\nurl = "${await overHttp(t)}"\n`,
};

/** Answers the questions of the server about a form. */
async function answerForm(s: Scene): Promise<void> {
  const question = await s.note('mcpServer/elicitation/request');
  s.daemon.answer(question.id as number, {
    result: { action: 'accept', content: { name: 'Ada', check: true, integer: 7, number: 2.5 }, _meta: null },
  });
}

for (const [place, table] of Object.entries(PLACES)) {
  t.test(`every tool over ${place}`, { skip }, async (t) => {
    const s = await withServers(t, await table(t));
    const out = await turnWith(
      s,
      use('all', 'echo', { message: 'héllo' }),
      use('all', 'get_sum', { a: 2, b: 40 }),
      use('all', 'get_structured_content', { location: 'Chicago' }),
      use('all', 'get_tiny_image', {}),
      use('all', 'get_annotated_message', { messageType: 'error', includeImage: true }),
      use('all', 'get_resource_links', { count: 2 }),
      use('all', 'get_resource_reference', { resourceType: 'Blob', resourceId: 1 }),
      use('all', 'get_env', {}),
      use('all', 'toggle_simulated_logging', {}),
      use('all', 'toggle_subscriber_updates', {}),
      use('all', 'gzip_file_as_resource', { name: 'a.gz', data: 'data:text/plain,hello', outputType: 'resourceLink' }),
      use('all', 'get_sum', { a: 'x' }, 'wrong'),
      use('all', 'simulate_research_query', { topic: 'x' }),
    );
    t.match(out.echo, /Echo: héllo/);
    t.match(out.get_sum, /The sum of 2 and 40 is 42/);
    t.match(out.get_structured_content, /"temperature":\s*36/);
    t.match(out.get_tiny_image, /input_image/);
    t.match(out.get_annotated_message, /Error: Operation failed/);
    t.match(out.get_resource_links, /resource_link/);
    t.match(out.get_resource_reference, /blob/);
    t.match(out.toggle_simulated_logging, /[Ss]tarted simulated/);
    t.match(out.gzip_file_as_resource, /gz/);
    t.match(out.wrong, /[Ii]nvalid/);
    t.match(out.simulate_research_query, /task/i, 'a tool that needs what codexd does not offer says so');
    if (place === 'pipes') {
      t.match(out.get_env, /PATH/);
      t.notMatch(out.get_env, /CODEX_HOME/, 'the environment of the daemon is not passed');
    }
    const image = s.items('mcpToolCall').find(({ tool }) => tool === 'get-tiny-image');
    t.match(image, {
      server: 'all',
      status: 'completed',
      readOnlyHint: true,
      result: { content: [{}, { type: 'image' }, {}] },
    });
    t.match(
      s.items('mcpToolCall').find(({ id }) => id === 'wrong'),
      { status: 'failed' },
    );
  });

  t.test(`progress, cancellation, questions and resources over ${place}`, { skip }, async (t) => {
    const s = await withServers(t, await table(t), {
      start: { sandbox: 'danger-full-access', approvalPolicy: 'on-request' },
    });
    await turnWith(s, use('all', 'trigger_long_running_operation', { duration: 1, steps: 4 }, 'long'));
    t.match(s.outputs().long, /completed.*1 seconds.*4/i);
    t.ok(s.notes('item/mcpToolCall/progress').length > 0, 'progress reaches clients');
    for (const note of s.notes('item/mcpToolCall/progress')) t.match(note, { itemId: 'long', message: /\S/ });

    const asked = turnWith(s, use('all', 'trigger_elicitation_request', {}, 'form'));
    await answerForm(s);
    t.match((await asked).form, /Ada/);

    const read = await turnWith(
      s,
      { ...use('all', 'x', {}, 'list'), namespace: undefined, name: 'list_mcp_resources' },
      {
        ...use('all', 'x', { server: 'all' }, 'templates'),
        namespace: undefined,
        name: 'list_mcp_resource_templates',
      },
      {
        ...use('all', 'x', { server: 'all', uri: 'demo://resource/dynamic/text/3' }, 'read'),
        namespace: undefined,
        name: 'read_mcp_resource',
      },
    );
    t.match(read.list, /demo:\/\/resource/);
    t.match(read.templates, /uriTemplate/);
    t.match(read.read, /Resource 3/);

    s.model.push(calls(use('all', 'trigger_long_running_operation', { duration: 600, steps: 600 }, 'endless')));
    const { id } = await s.begin('go');
    await s.note('item/mcpToolCall/progress', ({ itemId }) => itemId === 'endless');
    await s.daemon.call('turn/interrupt', { threadId: s.threadId, turnId: id });
    t.equal((await s.ended(id)).status, 'interrupted');
    t.match(
      s.items('mcpToolCall').find((item) => item.id === 'endless'),
      { status: 'failed' },
    );
    t.match((await turnWith(s, use('all', 'echo', { message: 'still here' }, 'after'))).after, /still here/);
  });
}
