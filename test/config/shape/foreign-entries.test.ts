/** Unknown entries of any table are reported and do not make other settings invalid. */
import t from 'tap';
import { checkTable, unknownKeys } from '../../../server/config/shape/check.js';
import { configShape } from '../../../server/config/shape/config-shape.js';
import { showTable } from '../../../server/config/shape/show.js';
import { withoutForeignEntries } from '../../../server/config/shape/foreign-entries.js';
import { requirementsShape } from '../../../server/config/shape/requirements-shape.js';
import { newTable, TomlFloat } from '../../../server/config/toml/value.js';
import { makeHome } from '../home.js';
import { tablesOf, tableWith } from './walk.js';
import type { FoundTable } from './walk.js';
import type { TomlValue } from '../../../server/config/toml/value.js';

const KEY = 'setting_of_tomorrow';
const VALUES: readonly (readonly [written: string, value: TomlValue])[] = [
  ['an integer', 6],
  ['a big integer', 2n ** 62n],
  ['a float', new TomlFloat(1.5)],
  ['a boolean', true],
  ['a text', 'x'],
  ['a list', [1, 'two', [3]]],
  ['a table', Object.assign(newTable(), { a: 1, b: Object.assign(newTable(), { c: [true] }) })],
];

/** Tables in which an unknown key is refused on purpose, as the reference does: what they say decides about access. */
const REFUSING = ['features.network_proxy', 'permissions.mine.network.mitm', 'mcp_enterprise_managed_auth'];
const refuses = (table: string): boolean =>
  REFUSING.flatMap((path) => [path, `profiles.mine.${path}`]).some((path) => `${table}.`.startsWith(`${path}.`));

/** Whether the shape of the table accepts this value under any name: then the entry is not unknown. */
function takes({ entries: { rest, restKnown } }: FoundTable, value: TomlValue): boolean {
  if (rest === null || (restKnown !== null && !restKnown(KEY))) return false;
  const table = typeof value === 'object' && !Array.isArray(value) && !(value instanceof TomlFloat);
  return rest.kind === 'table' || rest.kind === 'map' || rest.kind === 'tagged' ? table : true;
}

void t.test('a setting of a newer version in any table of config.toml', (t) => {
  let tables = 0;
  for (const found of tablesOf(configShape())) {
    const without = checkTable(found.file(newTable()), configShape());
    for (const [written, value] of VALUES) {
      if (takes(found, value)) continue;
      const file = found.file(tableWith(KEY, value));
      const label = `${found.path || 'top'}.${KEY}: ${written}`;
      if (refuses(found.path)) {
        t.not(checkTable(file, configShape()), null, `${label} is refused`);
        continue;
      }
      tables++;
      t.same(checkTable(file, configShape()), without, `${label} changes nothing`);
      if (without !== null) continue; // A table that lacks what it needs is unusable either way.
      const named = unknownKeys(file, configShape()).map((keys) => keys.join('.'));
      t.same(named, [found.path === '' ? KEY : `${found.path}.${KEY}`], `${label} is named`);
      if (value === true && found.path.endsWith('features')) continue; // A switch of another version is shown.
      t.notMatch(
        JSON.stringify(showTable(withoutForeignEntries(file, configShape()), configShape())),
        KEY,
        'not shown as read',
      );
    }
  }
  t.ok(tables > 300, `${tables} cases`);
  t.end();
});

void t.test('readers of the configuration never see unknown settings', (t) => {
  const h = makeHome(t, {
    config: `model = "m"
[mcp_servers]
x = "y"
[model_providers]
x = [1]
[projects]
"/x" = "trusted"
[plugins]
x = 1
[profiles]
x = 1
[marketplaces]
x = 1
[hooks.state]
x = 1
[tui.keymap]
x = "y"
[features]
zz = 3
`,
  });
  const { problem, effective } = h.source.resolve(h.work);
  t.equal(problem, null);
  t.same(
    Object.fromEntries(Object.entries(effective.table).map(([key, value]) => [key, JSON.stringify(value)])),
    {
      model: '"m"',
      mcp_servers: '{}',
      model_providers: '{}',
      projects: '{}',
      plugins: '{}',
      profiles: '{}',
      marketplaces: '{}',
      hooks: '{"state":{}}',
      tui: '{"keymap":{}}',
      features: '{}',
    },
    'every table is as if the setting were not there',
  );
  t.end();
});

void t.test('an invalid permission profile allows nothing', (t) => {
  const h = makeHome(t, { config: 'default_permissions = "mine"\n[permissions]\nmine = "write"\n' });
  t.match(h.source.resolve(h.work).problem, { text: /undefined profile `mine`/ });
  t.equal(h.source.settings().defaultProfile.id, ':read-only');
  t.end();
});

void t.test('requirements: nothing in them is ignored silently', (t) => {
  let tables = 0;
  for (const found of tablesOf(requirementsShape())) {
    const without = checkTable(found.file(newTable()), requirementsShape(), 'refuse');
    if (without !== null) continue;
    for (const [written, value] of VALUES) {
      if (takes(found, value)) continue;
      const file = found.file(tableWith(KEY, value));
      const named = unknownKeys(file, requirementsShape()).map((keys) => keys.join('.'));
      const refused = checkTable(file, requirementsShape(), 'refuse') !== null;
      t.ok(refused || named.some((key) => key.endsWith(KEY)), `${found.path}.${KEY}: ${written} is refused or named`);
      tables++;
    }
  }
  t.ok(tables > 40, `${tables} cases`);
  t.end();
});
