import t from 'tap';
import { readSecretSource } from '../../../server/config/permissions/secret-source.js';
import { parseToml } from '../../../server/config/toml/parse-toml.js';

const read = (text: string) => readSecretSource(parseToml(`s = ${text}`).s, 'a.secret');

t.test('a secret is in a variable or in a file', async (t) => {
  t.strictSame(read('{ env_var = "TOKEN" }'), { variable: 'TOKEN' });
  t.strictSame(read('{ file = "/run/secret" }'), { file: '/run/secret' });
});

t.test('what names no place, or two, is refused by its key', async (t) => {
  const rows: readonly [text: string, message: RegExp][] = [
    ['"TOKEN"', /^a\.secret must be a table/],
    ['{}', /a\.secret: it needs exactly one of `env_var` and `file`/],
    ['{ env_var = "A", file = "/b" }', /exactly one/],
    ['{ env_var = "" }', /a\.secret\.env_var: it must not be empty/],
    ['{ env_var = 1 }', /a\.secret\.env_var: it must be a string/],
    ['{ file = "b" }', /a\.secret\.file: it must be an absolute path/],
    ['{ secret_env_var = "A" }', /unknown field `secret_env_var` in a\.secret, expected one of `env_var`, `file`/],
  ];
  for (const [text, message] of rows) t.throws(() => read(text), { message }, text);
  t.throws(() => readSecretSource(undefined, 'a.secret'), { message: /a\.secret: it is missing/ });
});
