/** ai-sdk-provider-codex-app-server, unmodified: sparse parameters, one thread for many calls. */
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { event, items, say, startModelServer } from '../fixtures/model-server.js';
import { scratch, scriptedConfig } from '../fixtures/program.js';
import { CODEXD, installed, unless } from '../fixtures/real-clients.js';

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

t.test('streams text and tool calls', { skip: unless(module, 'ai-sdk-provider-codex-app-server') }, async (t) => {
  const model = await startModelServer(
    say('hello from the model'),
    items(event.call('exec_command', { cmd: 'echo made > file; cat file' })),
    say('it ran'),
  );
  const { home, work, user } = scratch(t, scriptedConfig(model.url));
  const { createCodexAppServer } = (await import(pathToFileURL(module!).href)) as {
    createCodexAppServer(options: object): (model: string) => LanguageModel;
  };
  const language = createCodexAppServer({
    defaultSettings: {
      codexPath: CODEXD,
      cwd: work,
      env: { CODEX_HOME: home, HOME: user },
      threadMode: 'persistent',
      approvalMode: 'never',
      sandboxMode: 'workspace-write',
    },
  })('mock-model');
  t.teardown(async () => {
    language.dispose();
    await model.close();
  });
  const ask = async (text: string): Promise<Part[]> => {
    const { stream } = await language.doStream({
      prompt: [{ role: 'user', content: [{ type: 'text', text }] }],
    });
    const parts: Part[] = [];
    for await (const part of stream) parts.push(part);
    return parts;
  };
  const said = (parts: readonly Part[]): string => parts.map(({ delta }) => delta ?? '').join('');

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
