import type { TomlTable } from '../../../server/config/toml/value.js';
import type { ModelEvent, ModelRequest } from '../../../server/sessions/model/provider/model-provider.js';

export const request = (more: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'mock-model',
  input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] }],
  tools: [],
  reasoning: { effort: null, summary: 'auto' },
  verbosity: null,
  outputSchema: null,
  serviceTier: null,
  identity: {
    threadId: '0199aaaa-0000-7000-8000-000000000001',
    turnId: '0199aaaa-0000-7000-8000-000000000002',
    kind: 'turn',
    window: 0,
    originator: 'test',
    userAgent: 'test/1 (Linux; x86_64)',
    sandbox: 'read-only',
    turnStartedAtMs: 1_700_000_000_000,
  },
  ...more,
});

export const table = (provider: TomlTable): TomlTable => ({ model_providers: { mock: { name: 'Mock', ...provider } } });

export async function collect(events: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const all: ModelEvent[] = [];
  for await (const one of events) all.push(one);
  return all;
}
