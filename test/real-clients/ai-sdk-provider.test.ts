/** ai-sdk-provider-codex-app-server, unmodified: sparse parameters, one thread for many calls. */
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import { event, items, say, startModelServer, type ModelServer } from '../fixtures/model-server.js';
import { logged, mcpProgram } from '../fixtures/mcp-server.js';
import { scratch, scriptedConfig } from '../fixtures/program.js';
import { CODEXD, installed, unless } from '../fixtures/real-clients.js';
import { runToEnd, startChild } from '../fixtures/programs.js';
import { until } from '../fixtures/until.js';

t.setTimeout(120_000);

const module = installed('ai-sdk-provider-codex-app-server', 'dist', 'index.js');

interface Part {
  readonly type: string;
  readonly delta?: string;
  readonly finishReason?: unknown;
}
interface LanguageModel {
  doStream(options: object): Promise<{ readonly stream: AsyncIterable<Part> }>;
  dispose(): void;
}

interface Provider {
  createCodexAppServer(options: object): (model: string) => LanguageModel;
  createSdkMcpServer(options: object): object;
}

async function languageModel(t: Test, model: ModelServer, settings: (module: Provider) => object = () => ({})) {
  const { home, work, user } = scratch(t, scriptedConfig(model.url));
  const provider = (await import(pathToFileURL(module!).href)) as Provider;
  const language = provider.createCodexAppServer({
    defaultSettings: {
      codexPath: CODEXD,
      cwd: work,
      env: { CODEX_HOME: home, HOME: user },
      threadMode: 'persistent',
      approvalMode: 'never',
      sandboxMode: 'workspace-write',
      ...settings(provider),
    },
  })('mock-model');
  t.teardown(async () => {
    language.dispose();
    await model.close();
  });
  return async (text: string, abortSignal?: AbortSignal): Promise<Part[]> => {
    const { stream } = await language.doStream({
      prompt: [{ role: 'user', content: [{ type: 'text', text }] }],
      abortSignal,
    });
    const parts: Part[] = [];
    for await (const part of stream) parts.push(part);
    return parts;
  };
}
const said = (parts: readonly Part[]): string => parts.map(({ delta }) => delta ?? '').join('');
const skip = unless(module, 'ai-sdk-provider-codex-app-server');

t.test('streams text and tool calls', { skip }, async (t) => {
  const model = await startModelServer(
    say('hello from the model'),
    items(event.call('exec_command', { cmd: 'echo made > file; cat file' })),
    say('it ran'),
  );
  const ask = await languageModel(t, model);

  t.equal(said(await ask('hello')), 'hello from the model');
  const parts = await ask('run it');
  t.match(said(parts), /it ran/);
  t.same(
    parts.filter(({ type }) => /^tool-(call|result)$/.test(type)).map(({ type }) => type),
    ['tool-call', 'tool-result'],
  );
  t.match(JSON.stringify(model.requests.at(-1)?.body), /made/, 'the workspace could be written to');
  t.match(parts.at(-1), { type: 'finish', finishReason: { unified: 'stop' } });
});

t.test('an abort ends the turn, and the thread continues', { skip }, async (t) => {
  const model = await startModelServer(say('first'), { events: [event.created()], hang: true }, say('and on'));
  const ask = await languageModel(t, model);
  t.equal(said(await ask('hello')), 'first');
  const abort = new AbortController();
  const aborted = ask('wait', abort.signal);
  await until(() => model.requests.length === 2, 'the turn asks the model');
  abort.abort();
  t.equal(said(await aborted), '');
  t.equal(said(await ask('go on')), 'and on');
  await until(() => model.requests[1]?.aborted === true, 'the model is not waited for');
});

t.test('a program that is busy during the turn loses nothing of it', { skip }, async (t) => {
  const model = await startModelInProcess(t);
  const ask = await languageModel(t, model);
  await ask('the first one starts the server');
  for (let round = 0; round < 3; round++) {
    const answer = ask('hello');
    // The answer to turn/start and all of the turn arrive while nothing else runs here.
    setTimeout(() => void runToEnd('sleep', ['0.1']), 2);
    t.equal(said(await answer), 'hello');
  }
});

t.test('tools of the program itself, over HTTP, and of an MCP server that it names', { skip }, async (t) => {
  const { file, logFile } = mcpProgram(t.testdir(), `ping: { run: () => (log({ pinged: true }), text('pong')) }`);
  const use = (server: string, tool: string, input: object) =>
    items({ ...event.call(tool, input), namespace: `mcp__${server}` });
  const model = await startModelServer(use('own', 'add', { a: 2, b: 3 }), use('named', 'ping', {}), say('done'));
  const added: unknown[] = [];
  const add = {
    name: 'add',
    description: 'Adds',
    inputSchema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } },
    execute: async (numbers: unknown) => {
      added.push(numbers);
      return { sum: 5 };
    },
  };
  const ask = await languageModel(t, model, ({ createSdkMcpServer }) => ({
    sandboxMode: 'danger-full-access',
    mcpServers: {
      own: createSdkMcpServer({ name: 'own', tools: [add] }),
      named: { transport: 'stdio', command: process.execPath, args: [file] },
    },
  }));
  t.match(said(await ask('go')), /done/);
  t.same(added, [{ a: 2, b: 3 }]);
  t.match(logged(logFile).at(-1), { pinged: true });
  const input = JSON.stringify(model.requests.at(-1)?.body.input);
  t.match(input, /sum/);
  t.match(input, /pong/);
});

/** A model that answers while this process is busy. */
async function startModelInProcess(t: Test): Promise<ModelServer> {
  const script = `import { say, startModelServer } from ${JSON.stringify(import.meta.resolve('../fixtures/model-server.js'))};
    const model = await startModelServer();
    model.always(() => say('hello'));
    console.log(model.url);`;
  const child = startChild(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill());
  const [url] = (await once(child.stdout, 'data')) as [Buffer];
  return { url: url.toString().trim(), requests: [], push() {}, always() {}, close: async () => {} };
}
