import t from 'tap';
import { parseToml, parseTomlValue, TomlSyntaxError } from '../../../server/config/toml/parse-toml.js';
import { toJson } from '../../../server/config/toml/value.js';
import { layerVersion } from '../../../server/config/toml/layer-version.js';

const big = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

void t.test('types stay: a number with a decimal point is not an integer', (t) => {
  const rows: readonly [toml: string, json: unknown, why: string][] = [
    ['a = 1\n', { a: 1 }, 'an integer'],
    ['a = 9007199254740993\n', { a: 9007199254740993n }, 'a 64-bit integer keeps its last digit'],
    ['a = 1.5\nb = nan\n', { a: 1.5, b: 'NaN' }, 'JSON has no NaN: it is text, and serialising it cannot fail'],
    ['a = 1979-05-27\n', { a: '1979-05-27' }, 'a date is text'],
    ['a = 1979-05-27T07:32:00Z\n', { a: '1979-05-27T07:32:00Z' }, 'no fraction that nobody wrote'],
    ['__proto__ = { x = 1 }\n', { ['__proto__']: { x: 1 } }, 'a key like any other'],
  ];
  for (const [toml, json, why] of rows)
    t.same(JSON.stringify(toJson(parseToml(toml)), big), JSON.stringify(json, big), why);
  t.equal(({} as { x?: number }).x, undefined, 'no prototype was touched');
  t.end();
});

void t.test('an error has its position', (t) => {
  const rows: readonly [toml: string, line: number, column: number][] = [
    ['a = "x\n', 1, 7],
    ['a = 1\na = 2\n', 2, 1],
    ['x = 1\nb = 9223372036854775808\n', 2, 5],
  ];
  for (const [toml, line, column] of rows) {
    try {
      parseToml(toml);
      t.fail(`${toml} is no TOML`);
    } catch (error) {
      if (!(error instanceof TomlSyntaxError)) throw error;
      t.same([error.line, error.column], [line, column], toml);
    }
  }
  t.end();
});

void t.test('depth is limited, in every form', (t) => {
  for (const [why, toml] of [
    ['brackets', `x = ${'['.repeat(5000)}${']'.repeat(5000)}`],
    ['dotted keys', `a${'.a'.repeat(5000)} = 1`],
    ['headers', `[a${'.a'.repeat(5000)}]`],
    ['inline tables', `x = ${'{a='.repeat(5000)}1${'}'.repeat(5000)}`],
  ] as const) {
    t.throws(() => parseToml(toml), TomlSyntaxError, why);
  }
  t.end();
});

void t.test('one value is a single value', (t) => {
  t.equal(parseTomlValue('0x10'), 16);
  t.equal(parseTomlValue('1_000'), 1000);
  for (const text of ['1\nb = 2', '1\n[x]', '', '[1,', 'TRUE', '1e400', '= 3']) {
    t.throws(() => parseTomlValue(text), TomlSyntaxError, JSON.stringify(text));
  }
  t.end();
});

void t.test("a layer's version is the hash of its content, in whatever form it is written", (t) => {
  const version = (toml: string): string => layerVersion(parseToml(toml));
  t.equal(
    version(''),
    'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    'as the reference has it',
  );
  t.equal(
    version('# c\nmodel_verbosity = "low"\n\nmodel = \'a\'\n'),
    'sha256:bced606416935ae411a4725d19b9364383925ffb493c861ceabeb72a0e43af35',
    'comments, order and quotes do not count',
  );
  t.not(version('a = 1'), version('a = 1.0'), 'types do');
  t.end();
});
