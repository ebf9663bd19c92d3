import t from 'tap';
import type { TomlTable } from '../../../server/config/toml/value.js';
import { createModelProviders } from '../../../server/sessions/model/model-providers.js';
import { ModelError, type ModelProvider } from '../../../server/sessions/model/provider/model-provider.js';
import { providerSettings } from '../../../server/sessions/model/provider/provider-settings.js';
import { servedModels } from '../../../server/sessions/model/served-models.js';
import { startLocalServer, type LocalServerBehaviour } from '../../fixtures/local-model-server.js';
import { startModelServer } from '../../fixtures/model-server.js';
import { noRequirements } from '../../../server/config/requirements/requirements.js';
import { collect, request, table } from './support.js';

const never = new AbortController().signal;
const noModelRequirements = () => noRequirements('none').modelRequirements;
const NONE = {} as TomlTable;

async function provider(id: string, config: TomlTable, env: NodeJS.ProcessEnv = {}): Promise<ModelProvider> {
  const found = await createModelProviders({
    modelRequirements: noModelRequirements,
    env,
    codexHome: '/nowhere',
    installationId: '',
  }).find(config, id);
  if (found === null) throw new Error(`there should be a provider ${id}`);
  return found;
}

t.test('for a server without the Responses API, Chat Completions is used, with one notice', async (t) => {
  const kinds: readonly LocalServerBehaviour['as'][] = ['old-ollama', 'old-lmstudio', 'llamacpp'];
  for (const as of kinds) {
    const server = await startLocalServer({ as, models: ['small'] });
    t.teardown(() => server.close());
    const asked = await provider('mock', table({ base_url: `${server.origin}/v1` }));
    const first = await collect(asked.stream(request({ model: 'small' }), never));
    t.match(first[0], { type: 'notice', message: /does not have the Responses API/ }, as);
    t.ok(JSON.stringify(first).includes('small by chat'), as);
    const second = await collect(asked.stream(request({ model: 'small' }), never));
    t.notOk(
      second.some(({ type }) => type === 'notice'),
      as,
    );
    t.same(server.asked, ['POST /v1/responses', 'POST /v1/chat/completions', 'POST /v1/chat/completions'], as);
  }
});

t.test('a model that the server does not have is reported once, in its words, over one API', async (t) => {
  for (const as of ['ollama', 'vllm'] as const) {
    const server = await startLocalServer({ as, models: ['small'] });
    t.teardown(() => server.close());
    const asked = await provider('mock', table({ base_url: `${server.origin}/v1` }));
    await t.rejects(collect(asked.stream(request({ model: 'big' }), never)), {
      message: /^unexpected status 404 Not Found: model 'big' not found, url: /,
      retry: 'never',
    });
    t.same(server.asked, ['POST /v1/responses']);
  }
});

t.test('for an address with neither API, the first answer is reported', async (t) => {
  const model = await startModelServer({ status: 404, body: '404 page not found' }, { status: 404, body: 'gone' });
  t.teardown(() => model.close());
  const asked = await provider('mock', table({ base_url: model.url }));
  await t.rejects(collect(asked.stream(request(), never)), { message: /404 page not found, url: .*responses/ });
  t.equal(model.requests.length, 2);
});

t.test('if nothing listens on this machine, nothing is repeated, and the remedy is named', async (t) => {
  const model = await startModelServer();
  await model.close();
  const started = await provider('ollama', NONE, { CODEX_OSS_BASE_URL: model.url });
  const error = await collect(started.stream(request(), never)).catch((reason: unknown) => reason);
  t.type(error, ModelError);
  t.match(error, { message: /ECONNREFUSED\. Nothing listens at .*`ollama serve`.*OLLAMA_HOST/, retry: 'never' });
});

t.test('an internal error is reported in the endpoint’s own words', async (t) => {
  const bodies = [{ error: { message: 'CUDA error: out of memory' } }, { error: 'CUDA error: out of memory' }];
  for (const body of bodies) {
    const model = await startModelServer({ status: 500, body });
    t.teardown(() => model.close());
    const config = { base_url: model.url, request_max_retries: 0 } as unknown as TomlTable;
    await t.rejects(collect((await provider('mock', table(config))).stream(request(), never)), {
      message: /internal error.*CUDA error: out of memory/,
    });
  }
});

t.test('servers list their models', async (t) => {
  const listed = async (id: string, config: TomlTable, env: NodeJS.ProcessEnv = {}): Promise<string[]> =>
    servedModels({
      settings: providerSettings(config, id, env)!,
      codexHome: '/nowhere',
      env,
      modelRequirements: noModelRequirements,
    });
  const models = ['qwen3:8b', 'nomic-embed-text:latest', 'llama3:latest'];
  const ollama = await startLocalServer({ as: 'ollama', models });
  const other = await startLocalServer({ as: 'llamacpp', models: ['one'] });
  t.teardown(() => Promise.all([ollama.close(), other.close()]));
  t.same(await listed('ollama', NONE, { OLLAMA_HOST: ollama.origin }), ['qwen3:8b', 'llama3:latest']);
  t.same(ollama.asked, ['GET /api/tags']);
  t.same(await listed('ollama', NONE, { OLLAMA_HOST: other.origin }), ['one'], 'another server in its place');
  t.same(await listed('lmstudio', NONE, { CODEX_OSS_PORT: String(other.port) }), ['one']);
  t.same(await listed('mock', table({ base_url: `${other.origin}/v1` })), ['one']);
});
