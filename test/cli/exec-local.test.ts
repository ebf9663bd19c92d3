/** `codexd exec` with a model server of this machine, as a person has who just installed one. */
import t, { type Test } from 'tap';
import { startLocalServer, type LocalModelServer, type LocalServerBehaviour } from '../fixtures/local-model-server.js';
import { codexd, scratch, type Ended } from '../fixtures/program.js';

t.setTimeout(180_000);

interface Home {
  readonly server: LocalModelServer;
  exec(...args: readonly string[]): Promise<Ended>;
}

async function home(t: Test, behaviour: LocalServerBehaviour, config = ''): Promise<Home> {
  const server = await startLocalServer(behaviour);
  t.teardown(() => server.close());
  const places = { ...scratch(t, config), env: { OLLAMA_HOST: `127.0.0.1:${server.port}` } };
  return { server, exec: (...args) => codexd(places, ['exec', '--skip-git-repo-check', ...args]) };
}

t.test('--oss uses the configured model when the server has it, otherwise the first model of the server', async (t) => {
  const models = ['qwen3:8b', 'llama3:latest'];
  const plain = await home(t, { as: 'ollama', models }, 'model = "gpt-of-the-cloud"');
  t.match(await plain.exec('--oss', 'hi'), { code: 0, stdout: 'qwen3:8b by responses\n' });
  t.match(await plain.exec('--oss', '-m', 'llama3:latest', 'hi'), { code: 0, stdout: 'llama3:latest by responses\n' });
  const configured = await home(t, { as: 'ollama', models }, 'model = "llama3:latest"');
  t.match(await configured.exec('--oss', 'hi'), { code: 0, stdout: 'llama3:latest by responses\n' });
});

t.test('a configured provider without a model gets the first model of its server', async (t) => {
  const { exec } = await home(t, { as: 'ollama', models: ['qwen3:8b'] }, 'model_provider = "ollama"');
  t.match(await exec('hi'), { code: 0, stdout: 'qwen3:8b by responses\n' });
});

t.test('an Ollama without the Responses API is used over Chat Completions, with one warning', async (t) => {
  const { exec } = await home(t, { as: 'old-ollama', models: ['qwen3:8b'] });
  const ended = await exec('--oss', 'hi');
  t.match(ended, { code: 0, stdout: 'qwen3:8b by chat\n' });
  t.equal(ended.stderr.split('does not have the Responses API').length, 2);
});

t.test('missing servers and models are reported with the remedy, and no turn starts', async (t) => {
  const { exec, server } = await home(t, { as: 'ollama', models: ['qwen3:8b'] });
  const missing = await exec('--oss', '-m', 'big', 'hi');
  t.match(missing, { code: 1, stdout: '', stderr: /no model `big`\. Get it: `ollama pull big`\. It has: qwen3:8b/ });
  t.same(server.asked, ['GET /api/tags']);
  const empty = await home(t, { as: 'ollama', models: [] });
  t.match(await empty.exec('--oss', 'hi'), { code: 1, stderr: /has no model\. Get one: `ollama pull / });
  await server.close();
  t.match(await exec('--oss', 'hi'), { code: 1, stdout: '', stderr: /Nothing listens at .*`ollama serve`/ });
});

t.test('the context size of a local server is requested and used, and a small one gives a warning', async (t) => {
  const models = ['one:latest'];
  for (const [as, context] of [
    ['ollama', 4096],
    ['old-ollama', 8192],
    ['lmstudio', 4096],
    ['llamacpp', 2048],
    ['vllm', 8000],
  ] as const) {
    const server = await startLocalServer({ as, models, context });
    t.teardown(() => server.close());
    const isOllama = as.endsWith('ollama');
    const config = isOllama
      ? ''
      : `oss_provider = "box"\n[model_providers.box]\nname = "Box"\nbase_url = "${server.origin}/v1"\n`;
    const places = { ...scratch(t, config), env: isOllama ? { OLLAMA_HOST: server.origin } : {} };
    const ended = await codexd(places, ['exec', '--skip-git-repo-check', '--oss', 'hi']);
    t.match(ended, { code: 0, stderr: new RegExp(`warning: \`one:latest\` has room for ${context} tokens at `) }, as);
    t.equal(ended.stderr.split('has room for').length, 2, 'said once');
    const told = await codexd(places, [
      'exec',
      '--skip-git-repo-check',
      '--oss',
      '-c',
      'model_context_window=4096',
      'hi',
    ]);
    t.notMatch(told.stderr, /has room for/, 'the configuration says it');
  }
  const enough = await home(t, { as: 'ollama', models, context: 65_536 });
  t.notMatch((await enough.exec('--oss', 'hi')).stderr, /warning/);
  const silent = await home(t, { as: 'ollama', models });
  t.match(
    (await silent.exec('--oss', 'hi')).stderr,
    /warning: .* does not say how many tokens .*`model_context_window`/,
  );
});

t.test('oss_provider selects the server without --local-provider', async (t) => {
  const config = (url: string): string =>
    `oss_provider = "box"\n[model_providers.box]\nname = "Box"\nbase_url = "${url}/v1"`;
  const server = await startLocalServer({ as: 'vllm', models: ['one'] });
  t.teardown(() => server.close());
  const args = ['exec', '--skip-git-repo-check', '--oss', 'hi'];
  t.match(await codexd(scratch(t, config(server.origin)), args), { code: 0, stdout: 'one by responses\n' });
  const unknown = await codexd(scratch(t, 'oss_provider = "nope"'), args);
  t.match(unknown, { code: 1, stderr: /`oss_provider = "nope"`: there is no such model provider/ });
});
