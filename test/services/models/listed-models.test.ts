import t from 'tap';
import { modelOf, modelsOf, namedModel } from '../../../server/services/models/listed-models.js';
import { KNOWN_MODELS } from '../../../server/sessions/model/known-models.js';

t.test('the known models are described with their efforts, tiers and upgrades', (t) => {
  const models = modelsOf(KNOWN_MODELS);
  t.same(
    models.filter(({ hidden }) => hidden).map(({ id }) => id),
    ['gpt-daybreak-blue-latest', 'gpt-daybreak-red-latest', 'codex-auto-review'],
  );
  t.match(models[0], {
    id: 'gpt-6.2-sol',
    displayName: 'GPT-6.2-Sol',
    isDefault: true,
    defaultReasoningEffort: 'low',
    supportedReasoningEfforts: ['low', 'medium', 'high', 'xhigh', 'max', 'ultra'].map((reasoningEffort) => ({
      reasoningEffort,
    })),
    inputModalities: ['text', 'image'],
    multiAgentVersion: 'v2',
    additionalSpeedTiers: ['fast'],
    serviceTiers: [{ id: 'priority', name: 'Fast', description: '2x speed, increased usage' }],
    upgrade: null,
    upgradeInfo: null,
  });
  t.match(
    models.find(({ id }) => id === 'gpt-5.5'),
    { upgrade: 'gpt-6-sol', upgradeInfo: { model: 'gpt-6-sol' }, multiAgentVersion: null, isDefault: false },
  );
  t.match(
    models.find(({ id }) => id === 'gpt-daybreak-red-latest'),
    { modelSpecialty: 'cyber', serviceTiers: [], multiAgentVersion: 'v2' },
  );
  t.end();
});

t.test('entries are sorted by priority; the first that is shown is the default', (t) => {
  const models = modelsOf([
    { slug: 'late', priority: 3 },
    { slug: 'hidden', priority: 1, visibility: 'hide' },
    { slug: 'none', priority: 0, supported_in_api: false },
    { slug: 'early', priority: 2, multi_agent_version: 'v9' },
  ]);
  t.same(
    models.map(({ id, isDefault, hidden, multiAgentVersion }) => [id, isDefault, hidden, multiAgentVersion]),
    [
      ['hidden', false, true, null],
      ['early', true, false, null],
      ['late', false, false, null],
    ],
  );
  t.end();
});

t.test('a model of a server keeps its name there; one without facts has the configured effort', (t) => {
  t.match(modelOf(KNOWN_MODELS[0]!, 'openai/gpt-6.2-sol', false), {
    model: 'openai/gpt-6.2-sol',
    displayName: 'openai/gpt-6.2-sol',
    defaultReasoningEffort: 'low',
  });
  t.match(namedModel('x', { model_reasoning_effort: 'high' }, true), {
    model: 'x',
    isDefault: true,
    defaultReasoningEffort: 'high',
    supportedReasoningEfforts: [{ reasoningEffort: 'high' }],
  });
  t.end();
});
