/** App-servers of profiles. */
import t from 'tap';
import { say } from '../../fixtures/model-server.js';
import { mcpScene } from './support.js';

t.setTimeout(120_000);

t.test('each profile has its own settings, and a reply finds the session of any of them', async (t) => {
  const files = { 'a.config.toml': 'model = "model-a"\n', 'b.config.toml': 'model = "model-b"\n' };
  const s = await mcpScene(t, { files }, say('1'), say('2'), say('3'), say('4'));
  await s.codex({ prompt: 'x', profile: 'a' });
  const b = await s.codex({ prompt: 'x', profile: 'b' });
  await s.codex({ prompt: 'x' });
  await s.reply(b.structuredContent.threadId, 'y');
  t.same(
    s.model.requests.map(({ body }) => body.model),
    ['model-a', 'model-b', 'mock-model', 'model-b'],
  );
  t.match(
    s.messages.filter(({ params }) => params?.msg?.type === 'session_configured').map(({ params }) => params.msg.model),
    ['model-a', 'model-b', 'mock-model'],
  );
});
