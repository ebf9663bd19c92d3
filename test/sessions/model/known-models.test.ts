import t from 'tap';
import { KNOWN_MODELS } from '../../../server/sessions/model/known-models.js';

t.test('the known models are in the order of the official program, each once', (t) => {
  t.same(
    KNOWN_MODELS.map(({ slug }) => slug),
    [
      'gpt-6.2-sol',
      'gpt-6.2-astra',
      'gpt-6.1-terra',
      'gpt-6.1-sol',
      'gpt-6-astra',
      'gpt-6-sol',
      'gpt-6-luna',
      'gpt-5.6-sol',
      'gpt-5.6-terra',
      'gpt-5.6-luna',
      'gpt-daybreak-blue-latest',
      'gpt-daybreak-red-latest',
      'gpt-5.5',
      'codex-auto-review',
    ],
  );
  t.same(
    KNOWN_MODELS.map(({ priority }) => priority),
    [...KNOWN_MODELS.keys()],
  );
  t.end();
});

t.test('each has a usual effort that it offers, a window, and an upgrade that is known', (t) => {
  const slugs = KNOWN_MODELS.map(({ slug }) => slug);
  for (const { slug, default_reasoning_level: usual, supported_reasoning_levels: levels, ...more } of KNOWN_MODELS) {
    t.ok(
      levels?.some(({ effort }) => effort === usual),
      slug,
    );
    t.ok((more.context_window ?? 0) >= 272_000, slug);
    if (more.upgrade) t.ok(slugs.includes(more.upgrade.model), slug);
  }
  t.end();
});
