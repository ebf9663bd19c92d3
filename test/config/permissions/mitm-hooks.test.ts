import t from 'tap';
import { readMitmHooks, secretFiles, type MitmHook } from '../../../server/config/permissions/mitm-hooks.js';
import { parseToml } from '../../../server/config/toml/parse-toml.js';

const HOOK = {
  host: '"API.test."',
  methods: '["get", "POST"]',
  path_prefixes: '["/repo/", "pattern:/g/*"]',
  action: '["x"]',
};
const STRIP = 'strip_request_headers = ["Authorization"]';

/** A hook `a` with some keys of its own (undefined: left out), and an action `x`. */
function read(
  keys: Readonly<Record<string, string | undefined>> = {},
  action = STRIP,
  version = '',
): readonly MitmHook[] {
  const lines = Object.entries<string | undefined>({ ...HOOK, ...keys })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key} = ${value}`);
  return readMitmHooks(
    parseToml(`[mitm]\n${version}\n[mitm.hooks.a]\n${lines.join('\n')}\n[mitm.actions.x]\n${action}\n`),
  );
}

t.test('a hook is read with the actions it names, in the order of names', async (t) => {
  const inject =
    'inject_request_headers = [{ name = "X-T", secret_env_var = "TOKEN", prefix = "Bearer " }, { name = "f", secret_file = "/s" }]';
  const hooks = read({ query: '{ q = ["1"] }', headers: '{ X-V = [] }' }, `${STRIP}\n${inject}`);
  t.strictSame(hooks, [
    {
      name: 'a',
      host: 'api.test',
      ports: [],
      methods: ['GET', 'POST'],
      paths: ['/repo/', 'pattern:/g/*'],
      query: [{ name: 'q', values: ['1'] }],
      headers: [{ name: 'x-v', values: [] }],
      strip: ['authorization'],
      inject: [
        { name: 'X-T', prefix: 'Bearer ', from: { variable: 'TOKEN' } },
        { name: 'f', prefix: '', from: { file: '/s' } },
      ],
      substitution: null,
      signing: null,
    },
  ]);
  t.strictSame(secretFiles(hooks), ['/s']);
  t.strictSame(read({ schemes: '["https"]', ports: '[8443]' }, STRIP, 'version = 2')[0]?.ports, [8443]);
  t.strictSame(readMitmHooks(parseToml('')), []);
  t.strictSame(
    readMitmHooks(parseToml('[mitm.actions.x]\nstrip_request_headers = ["a"]\n')),
    [],
    'actions alone judge nothing',
  );
});

t.test('what cannot be enforced is refused, by the name of its key', async (t) => {
  const rows: readonly [keys: Readonly<Record<string, string | undefined>>, message: RegExp][] = [
    [{ host: undefined }, /hooks\.a\.host: it must name a host/],
    [{ host: '"*.a.test"' }, /hooks\.a\.host: it must be one host, without wildcards/],
    [{ host: '"a.test:443"' }, /hooks\.a\.host: it must be a host alone/],
    [{ host: '"https://a.test/"' }, /hooks\.a\.host: it must be a host alone/],
    [{ methods: undefined }, /hooks\.a\.methods: it is missing/],
    [{ methods: '[]' }, /hooks\.a\.methods: it must not be empty/],
    [{ methods: '["G ET"]' }, /which is no method/],
    [{ path_prefixes: '[]' }, /path_prefixes: it must not be empty/],
    [{ path_prefixes: '[""]' }, /must not contain empty entries/],
    [{ path_prefixes: '["repo"]' }, /which no request can match/],
    [{ path_prefixes: '["/a/../b"]' }, /which no request can match/],
    [{ path_prefixes: '["/a?b"]' }, /which no request can match/],
    [{ path_prefixes: '["pattern:/["]' }, /invalid glob pattern/],
    [{ query: '{ a = [] }' }, /query\.a: it must list at least one value/],
    [{ headers: '{ "a b" = [] }' }, /which is no header name/],
    [{ body: '{ a = 1 }' }, /hooks\.a\.body: it is reserved/],
    [{ zzz: '1' }, /unknown field `zzz` in network\.mitm\.hooks\.a/],
    [{ schemes: '["https"]' }, /scoped MITM hooks require network\.mitm\.version = 2/],
    [{ ports: '[1]' }, /scoped MITM hooks require network\.mitm\.version = 2/],
    [{ action: '[]' }, /action: it must not be empty/],
    [{ action: '["y"]' }, /references undefined action `y`/],
  ];
  for (const [keys, message] of rows) t.throws(() => read(keys), { message }, JSON.stringify(keys));
  t.throws(() => read({ schemes: '["http"]' }, STRIP, 'version = 2'), { message: /hooks apply to requests over TLS/ });
  t.throws(() => read({ ports: '[0]' }, STRIP, 'version = 2'), { message: /from 1 to 65535/ });
  t.throws(() => read({}, STRIP, 'version = 1'), { message: 'unsupported network.mitm.version 1' });
  t.throws(() => read({}, STRIP, 'enabled = true'), { message: /unknown field `enabled` in network\.mitm/ });
});

t.test('an action that cannot be run is refused, by the name of its key', async (t) => {
  const inject = (table: string): string => `inject_request_headers = [{ ${table} }]`;
  const rows: readonly [action: string, message: RegExp][] = [
    ['', /actions\.x must define at least one operation/],
    ['zzz = 1', /unknown field `zzz`/],
    ['body_secret_substitution = {}', /scoped MITM actions require network\.mitm\.version = 2/],
    ['aws_sigv4 = {}', /scoped MITM actions require network\.mitm\.version = 2/],
    ['strip_request_headers = ["a b"]', /which is no header name/],
    ['strip_request_headers = ["Content-Length"]', /which the proxy writes itself/],
    [inject('name = "host", secret_env_var = "T"'), /which the proxy writes itself/],
    [inject('name = "a"'), /exactly one of `secret_env_var` and `secret_file`/],
    [inject('name = "a", secret_env_var = "T", secret_file = "/s"'), /exactly one/],
    [inject('name = "a", secret_env_var = " "'), /secret_env_var: it must not be empty/],
    [inject('name = "a", secret_file = "s"'), /secret_file: it must be an absolute path/],
  ];
  for (const [action, message] of rows) t.throws(() => read({}, action), { message }, action);
  t.throws(() => read({ methods: '["TRACE"]' }, inject('name = "a", secret_env_var = "T"')), { message: /TRACE/ });
});

t.test('a hook has at most one action of each kind that uses the whole request', async (t) => {
  const body = (placeholder: string): string =>
    `body_secret_substitution = { replacements = [{ placeholder = "${placeholder}", secret = { file = "/s" } }] }`;
  const aws =
    'aws_sigv4 = { placeholder_access_key_id = "P", region = "r", service = "s", access_key_id = { env_var = "I" }, secret_access_key = { file = "/k" } }';
  const both = (first: string, second: string) => (): readonly MitmHook[] =>
    read({ action: '["x", "y"]' }, `${first}\n[mitm.actions.y]\n${second}`, 'version = 2');
  const hooks = both(body('PLACEHOLDER-0123'), aws)();
  t.match(hooks[0], { substitution: { port: 443 }, signing: { placeholderId: 'P' } });
  t.strictSame(secretFiles(hooks), ['/s', '/k']);
  t.throws(both(body('PLACEHOLDER-0123'), body('PLACEHOLDER-4567')), {
    message: 'network.mitm.hooks.a must select at most one body substitution action',
  });
  t.throws(both(aws, aws), { message: 'network.mitm.hooks.a must select at most one AWS signing action' });
  for (const action of [aws, body('PLACEHOLDER-0123')])
    t.throws(() => read({ methods: '["TRACE"]' }, action, 'version = 2'), { message: /TRACE/ });
});
