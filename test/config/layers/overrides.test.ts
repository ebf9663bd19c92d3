import t from 'tap';
import { parseOverride, sessionFlags } from '../../../server/config/layers/overrides.js';
import { toJson } from '../../../server/config/toml/value.js';

const layer = (overrides: string[], enable: string[] = [], disable: string[] = []): unknown => {
  const table = sessionFlags({ overrides, enable, disable });
  return table === null ? null : JSON.parse(JSON.stringify(toJson(table)));
};

void t.test('-c accepts TOML, and other text as a string', (t) => {
  const rows: readonly [override: string, value: unknown, why: string][] = [
    ['f=a=b', 'a=b', 'the first = separates'],
    ['f= "low" ', 'low', 'blanks around do not count'],
    ['f=hello world', 'hello world', 'text'],
    ["f='lit'", 'lit', 'a literal string'],
    ['f=[1,', '[1,', 'half a list is text'],
    ['f=', '', 'nothing is the empty text'],
    ['f=TRUE', 'TRUE', 'TOML is case-sensitive'],
    ['f=0x10', 16, 'a hexadecimal number'],
    ['f=1e400', '1e400', 'no number that a double holds'],
    ['f=[1,"x",{k=true}]', [1, 'x', { k: true }], 'a list'],
  ];
  for (const [override, value, why] of rows) t.same((layer([override]) as { f: unknown }).f, value, why);
  t.end();
});

void t.test('keys are split at dots, except inside quotes', (t) => {
  const rows: readonly [key: string, path: string[]][] = [
    ['a.b', ['a', 'b']],
    [' a.b ', ['a', 'b']],
    ['foo..x', ['foo', '', 'x']],
    ['d."a.b"', ['d', 'a.b']],
    ['"a.b".c', ['a.b', 'c']],
    ['"q\\"x".c', ['q"x', 'c']],
    ['a."b', ['a', '"b']],
  ];
  for (const [key, path] of rows) t.same(parseOverride(`${key}=1`).path, path, key);
  t.end();
});

void t.test('later flags win, tables are merged, values and tables replace each other', (t) => {
  t.same(layer(['m=a', 'm=b']), { m: 'b' });
  t.same(layer(['f.t={a=1,b={c=2}}', 'f.t.b.d=3']), { f: { t: { a: 1, b: { c: 2, d: 3 } } } });
  t.same(layer(['f=1', 'f.x=2']), { f: { x: 2 } });
  t.same(layer(['f.x=2', 'f=1']), { f: 1 });
  t.equal(layer([]), null);
  t.end();
});

void t.test('features are switched, and a table of settings keeps its settings', (t) => {
  t.same(layer([], ['memories'], ['memories']), { features: { memories: false } }, '--disable wins');
  t.same(layer(['features.memories=false'], ['memories']), { features: { memories: true } }, 'switches win over -c');
  t.same(
    layer(['features.network_proxy.enable_socks5=false'], ['network_proxy']),
    { features: { network_proxy: { enable_socks5: false, enabled: true } } },
    'the other keys stay',
  );
  t.throws(() => layer([], ['bogus']), { message: 'Unknown feature flag: bogus' });
  t.throws(() => layer(['model']), { message: "error parsing -c overrides: Invalid override (missing '='): model" });
  t.throws(() => layer(['=x']), { message: 'error parsing -c overrides: Empty key in override: =x' });
  t.end();
});
