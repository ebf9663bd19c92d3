import t from 'tap';
import fs from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../../server/package/package-root.js';
import { PROFILE_NETWORK_KEYS, refusedKey, REQUIREMENTS_KEYS } from '../../../server/config/shape/enforcement.js';
import { requirementsShape } from '../../../server/config/shape/requirements-shape.js';
import { networkShapes } from '../../../server/config/shape/network-shape.js';
import { parseToml } from '../../../server/config/toml/parse-toml.js';
import { checkStartup } from '../../../server/config/settings/startup.js';
import { makeHome } from '../home.js';
import type { Shape, TableShape } from '../../../server/config/shape/toml-shape.js';

/** Every key of a description, dotted: a table's fields one by one, lists of tables as their tables. */
function keysOf(shape: TableShape, at: readonly string[] = []): string[] {
  return Object.entries(shape.fields).flatMap(([key, field]) => {
    const inner = tableIn(field);
    const place = [...at, key];
    const fields = inner === null ? [] : keysOf(inner, place);
    // What takes any key beside its fields has a meaning of its own; maps of data have nothing else.
    return fields.length === 0 || inner?.rest ? [place.join('.'), ...fields] : fields;
  });
}

const DATA = ['rules.prefix_rules', 'hooks'];
function tableIn(field: Shape): TableShape | null {
  if (field.kind === 'list') return tableIn(field.of);
  return field.kind === 'table' ? field : null;
}

void t.test('every key of requirements.toml is in the table, and nothing else is', (t) => {
  const keys = new Set(
    keysOf(requirementsShape()).map((key) => DATA.find((data) => key.startsWith(`${data}.`)) ?? key),
  );
  t.same([...keys].sort(), Object.keys(REQUIREMENTS_KEYS).sort());
  t.end();
});

void t.test("every key of a profile's network is in the table, and nothing else is", (t) => {
  const profile = networkShapes().permissions.rest as TableShape;
  const network = profile.fields.network as TableShape;
  t.same(Object.keys(network.fields).sort(), Object.keys(PROFILE_NETWORK_KEYS).sort());
  t.end();
});

void t.test('with a key that cannot be enforced the daemon does not start, and names it', (t) => {
  const h = makeHome(t);
  const rows: readonly [toml: string, key: string][] = [
    ['[experimental_network]\nheader_injections = [{ host = "a" }]\n', 'experimental_network.header_injections'],
    ['[permissions.network]\nheader_injections = [{ host = "a" }]\n', 'permissions.network.header_injections'],
    ['[application.storage]\nx = 1\n', 'application.storage'],
    ['[auto_review]\nignore_rules = ["x"]\n', 'auto_review.ignore_rules'],
    ['[otel]\nexporter = "statsig"\n', 'otel.exporter'],
    ['[otel]\ntrace_exporter = "statsig"\n', 'otel.trace_exporter'],
    ['[otel]\nmetrics_exporter = "statsig"\n', 'otel.metrics_exporter'],
    ['[config_server]\nbase_url = "x"\n', 'config_server'],
  ];
  for (const [toml, key] of rows) {
    t.equal(refusedKey(parseToml(toml)), key);
    h.systemFile('requirements.toml', toml);
    t.match(checkStartup(h.another()).fatal, `requirements.toml \`${key}\` cannot be enforced`);
  }
  const refused = Object.entries(REQUIREMENTS_KEYS).filter(([, { kind }]) => kind === 'refused');
  t.same(rows.map(([, key]) => key).sort(), refused.map(([key]) => key).sort(), 'a case for each such key');
  h.systemFile(
    'requirements.toml',
    '[hooks]\nmanaged_dir = "/x"\n[otel]\nexporter = "none"\nlog_user_prompt = false\n',
  );
  t.equal(checkStartup(h.another()).fatal, null, 'what asks for nothing stops nothing');
  t.end();
});

void t.test('with invalid rules and profiles the daemon does not start', (t) => {
  const h = makeHome(t, { config: '[permissions.own]\nextends = ":workspace"\n' });
  const rules = (rule: string): string => `[rules]\nprefix_rules = [${rule}]\n`;
  const rows: readonly [toml: string, fatal: RegExp][] = [
    [rules(''), /prefix_rules cannot be empty/],
    [rules('{ pattern = [{ token = "x" }], decision = "allow" }'), /index 0 has decision 'allow'/],
    [rules('{ pattern = [{ token = "x" }] }'), /index 0 is missing a decision/],
    [rules('{ pattern = [], decision = "prompt" }'), /index 0 has an empty pattern/],
    [rules('{ pattern = [{ token = "x", any_of = ["y"] }], decision = "prompt" }'), /not both/],
    [rules('{ pattern = [{ any_of = [] }], decision = "prompt" }'), /any_of cannot be empty/],
    ['[permissions.":read-only"]\nextends = ":workspace"\n', /reserved built-in profile prefix/],
    ['[permissions.mg]\nextends = "own"\n', /`mg` extends `own`, which .* does not define/],
    ['[permissions.filesystem]\ndeny_read = ["relative"]\n', /`relative` must be absolute/],
    ['allowed_login_methods = []\n', /do not permit any usable login method/],
    ['model_provider = "nope"\n', /Model provider `nope` not found/],
    ['model_catalog_json = "missing.json"\n', /missing.json` cannot be read/],
    ['[[remote_sandbox_config]]\nhostname_patterns = ["x"]\n', /missing field `allowed_sandbox_modes`/],
  ];
  for (const [toml, fatal] of rows) {
    h.systemFile('requirements.toml', toml);
    t.match(checkStartup(h.another()).fatal, fatal, toml);
  }
  t.end();
});

void t.test('the page names every key that an administrator can write', (t) => {
  const page = fs.readFileSync(path.join(packageRoot(), 'docs', 'configuration.md'), 'utf8');
  const missing = Object.keys(REQUIREMENTS_KEYS).filter((key) => !page.includes(`\`${key}\``));
  t.same(missing, []);
  t.end();
});
