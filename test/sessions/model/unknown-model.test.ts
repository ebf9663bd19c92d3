import t from 'tap';
import type { TomlTable } from '../../../server/config/toml/value.js';
import { aboutUnknown } from '../../../server/sessions/model/unknown-model.js';

const about = (table: object): string | null =>
  aboutUnknown({ table: table as TomlTable, wire: { model: 'm', modelProvider: 'p' } }, {});

t.test('a person reads which window is assumed, and how to name another', (t) => {
  t.match(about({}), /^Model metadata for `m` not found\. .* context of 272000 tokens.*model_context_window\.$/);
  t.equal(about({ model_context_window: 1000n }), null);
  t.equal(about({ model_providers: { p: { wire_api: 'replay' } } }), null);
  t.end();
});
