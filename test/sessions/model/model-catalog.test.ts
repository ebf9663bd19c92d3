import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { TomlTable } from '../../../server/config/toml/value.js';
import { KNOWN_MODELS } from '../../../server/sessions/model/known-models.js';
import { catalogEntries, createCatalogs, findEntry } from '../../../server/sessions/model/model-catalog.js';

const table = (file?: string): TomlTable => (file === undefined ? {} : { model_catalog_json: file });

t.test('a file replaces the known models, and is read again after a change', (t) => {
  const file = path.join(t.testdir(), 'catalog.json');
  const warnings: string[] = [];
  const catalogs = createCatalogs((message) => warnings.push(message));
  t.equal(catalogs.of(table()), KNOWN_MODELS);
  t.equal(catalogs.of(table(file)), KNOWN_MODELS);
  t.equal(catalogs.of(table(file)), KNOWN_MODELS);
  t.match(warnings, [/model_catalog_json `.*catalog\.json` cannot be read: /]);
  t.equal(warnings.length, 1, 'once');
  fs.writeFileSync(file, JSON.stringify({ models: [{ slug: 'one' }, { slug: '' }, {}, null, 5] }));
  t.same(catalogs.of(table(file)), [{ slug: 'one' }]);
  fs.writeFileSync(file, '{"models": [');
  t.equal(catalogs.of(table(file)), KNOWN_MODELS);
  t.equal(warnings.length, 2);
  t.end();
});

t.test('what is not a list of models has no entries', (t) => {
  for (const content of [null, 5, [], {}, { models: null }, { models: { slug: 'a' } }])
    t.same(catalogEntries(content), []);
  t.end();
});

t.test('a model is found by the longest slug that begins its name, also behind a vendor', (t) => {
  const found = (name: string): string | null =>
    findEntry([{ slug: 'gpt-5' }, { slug: 'gpt-5.5' }, { slug: 'a/b' }], name)?.slug ?? null;
  t.equal(found('gpt-5.5'), 'gpt-5.5');
  t.equal(found('gpt-5.5-2026-01-01'), 'gpt-5.5');
  t.equal(found('gpt-5-mini'), 'gpt-5');
  t.equal(found('openai/gpt-5.5-x'), 'gpt-5.5');
  t.equal(found('a/b'), 'a/b');
  for (const name of ['a/c/gpt-5', 'GPT-5', 'gpt', '', '/gpt-5', 'my-gpt-5']) t.equal(found(name), null, name);
  t.end();
});
