/** Mistakes in the hooks of a profile, each at its line. test/config/permissions/mitm-hooks.test.ts has the rest. */
import t from 'tap';
import { checkFile } from '../../../server/config/inspect/check-file.js';
import { configShape } from '../../../server/config/shape/config-shape.js';
import { configJsonSchema } from '../../../server/config/shape/config-json-schema.js';
import { parseToml } from '../../../server/config/toml/parse-toml.js';

const AT = 'permissions.ws.network.mitm';

/** The mistakes of hooks with these lines in front; the first of them is line 2. */
const mistakes = (lines: string): string[] => {
  const text = `[${AT}]\n${lines}\n[${AT}.hooks.reads]\nhost = "a.test"\n[${AT}.actions.x]\nstrip_request_headers = ["a"]\n`;
  const file = { kind: 'parsed', path: '/config.toml', text, table: parseToml(text) } as const;
  const rules = { shape: configShape(), foreignEntries: 'pass', unknown: 'warning', unknownMeans: '' } as const;
  return checkFile(file, rules).map(({ severity, line, key, message }) => `${severity} ${line} ${key}: ${message}`);
};

t.test('each mistake has its key and its line', async (t) => {
  t.strictSame(mistakes('version = 2'), [], 'a hook may be completed by another file');
  const hook = `${AT}.hooks.a`;
  const action = `${AT}.actions.a`;
  const rows: readonly [lines: string, mistake: string][] = [
    ['version = "2"', `error 2 ${AT}.version: invalid type: string "2", expected i64`],
    ['hooks.a = 1', `error 2 ${hook}: invalid type: integer \`1\`, expected struct NetworkMitmHookToml`],
    ['hooks.a.host = 1', `error 2 ${hook}.host: invalid type: integer \`1\`, expected a string`],
    ['hooks.a.methods = "GET"', `error 2 ${hook}.methods: invalid type: string "GET", expected a sequence`],
    ['hooks.a.query.state = "open"', `error 2 ${hook}.query.state: invalid type: string "open", expected a sequence`],
    ['hooks.a.ports = [70000]', `error 2 ${hook}.ports: invalid value: integer \`70000\`, expected u16`],
    ['actions.a = []', `error 2 ${action}: invalid type: sequence, expected struct NetworkMitmActionToml`],
    [
      'actions.a.strip_request_headers = "a"',
      `error 2 ${action}.strip_request_headers: invalid type: string "a", expected a sequence`,
    ],
    [
      'actions.a.aws_sigv4 = 1',
      `error 2 ${action}.aws_sigv4: invalid type: integer \`1\`, expected struct AwsSigV4Config`,
    ],
    ['actions.a.aws_sigv4.port = "443"', `error 2 ${action}.aws_sigv4.port: invalid type: string "443", expected u16`],
    [
      'actions.a.body_secret_substitution.replacements = "a"',
      `error 2 ${action}.body_secret_substitution.replacements: invalid type: string "a", expected a sequence`,
    ],
  ];
  for (const [lines, mistake] of rows) t.strictSame(mistakes(lines), [mistake]);
  const all = mistakes('hooks.a.hots = "a"\nhooks.a.action = "x"\nactions.a.inject_request_headers = [{ nam = "a" }]');
  t.match(all, [
    /^error 2 .*\.hooks\.a\.hots: unknown field `hots`/,
    /^error 3 .*\.hooks\.a\.action: /,
    /^error 4 .*`nam`/,
  ]);
  t.equal(all.length, 3);
  const entry = '{ placeholder = "a", secret = { secret_env_var = "A" } }';
  t.match(mistakes(`actions.a.body_secret_substitution = { replacements = [${entry}] }`), [/`secret_env_var`/]);
  t.match(mistakes('actions.a.aws_sigv4.access_key = { env_var = "A" }'), [/aws_sigv4\.access_key: unknown field/]);
});

t.test('editors see the keys of hooks', async (t) => {
  const text = JSON.stringify(configJsonSchema());
  for (const key of ['path_prefixes', 'secret_env_var', 'strip_request_headers', 'placeholder', 'env_var'])
    t.match(text, `"${key}":{"description"`);
});

t.test('a secret that stands where its place belongs is not shown', (t) => {
  const sign = 'actions.a.body_secret_substitution';
  t.strictSame(mistakes(`${sign} = { replacements = [{ placeholder = "0123456789abcdef", secret = "sk-1" }] }`), [
    `error 2 ${AT}.${sign}.replacements.secret: invalid type: string, expected struct HookSecretToml`,
  ]);
  t.end();
});
