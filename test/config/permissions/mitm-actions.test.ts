import t from 'tap';
import { readAction, secretSources } from '../../../server/config/permissions/mitm-actions.js';
import { parseToml } from '../../../server/config/toml/parse-toml.js';

const read = (text: string, scoped = true) => readAction('x', parseToml(text), scoped);

const PLACEHOLDER = 'PLACEHOLDER-0123';
const body = (replacements: string, more = ''): string =>
  `body_secret_substitution = { replacements = [${replacements}]${more} }`;
const one = (placeholder = PLACEHOLDER, secret = '{ env_var = "A" }'): string =>
  `{ placeholder = '${placeholder}', secret = ${secret} }`;

const AWS: Readonly<Record<string, string>> = {
  placeholder_access_key_id: '"AKIAPLACEHOLDER"',
  region: '"eu-west-1"',
  service: '"s3"',
  access_key_id: '{ env_var = "ID" }',
  secret_access_key: '{ file = "/key" }',
};
const aws = (changes: Readonly<Record<string, string | undefined>> = {}): string => {
  const keys = Object.entries<string | undefined>({ ...AWS, ...changes }).filter(([, value]) => value !== undefined);
  return `aws_sigv4 = { ${keys.map(([key, value]) => `${key} = ${value}`).join(', ')} }`;
};

t.test('the substitution of a body has defaults', async (t) => {
  t.strictSame(read(body(one())), {
    strip: [],
    inject: [],
    substitution: {
      replacements: [{ placeholder: PLACEHOLDER, from: { variable: 'A' } }],
      port: 443,
      maxBody: 8 * 1024 * 1024,
    },
    signing: null,
  });
  t.match(read(body(one(), ', port = 8443, max_body_bytes = 0')).substitution, { port: 8443, maxBody: 0 });
});

t.test('the credentials of a signature are places, and its token may be absent', async (t) => {
  const expected = {
    placeholderId: 'AKIAPLACEHOLDER',
    region: 'eu-west-1',
    service: 's3',
    accessKeyId: { variable: 'ID' },
    secretAccessKey: { file: '/key' },
    sessionToken: null,
    port: 443,
    maxBody: 8 * 1024 * 1024,
  };
  t.strictSame(read(aws()).signing, expected);
  const all = read(`${aws({ session_token: '{ file = "/token" }', port: '1' })}\n${body(one())}`);
  t.strictSame(all.signing, { ...expected, sessionToken: { file: '/token' }, port: 1 });
  t.strictSame(secretSources(all), [{ variable: 'A' }, { variable: 'ID' }, { file: '/key' }, { file: '/token' }]);
});

t.test('a mistake refuses the profile, by the name of its key', async (t) => {
  const BODY = 'network\\.mitm\\.actions\\.x\\.body_secret_substitution';
  const SIGN = 'network\\.mitm\\.actions\\.x\\.aws_sigv4';
  const rows: readonly [text: string, message: string][] = [
    ['body_secret_substitution = 1', `${BODY} must be a table`],
    ['body_secret_substitution = {}', `${BODY}\\.replacements: it is missing`],
    ['body_secret_substitution = { replacements = 1 }', `${BODY}\\.replacements: it must be a list`],
    [body(''), `${BODY}\\.replacements: it must have from 1 to 32 entries`],
    [body(Array.from({ length: 33 }, (_, i) => one(`${PLACEHOLDER}${i + 100}`)).join(', ')), 'from 1 to 32 entries'],
    [body(one(), ', zzz = 1'), 'unknown field `zzz`'],
    [body('{ zzz = 1 }'), 'unknown field `zzz`'],
    [body('{ secret = { env_var = "A" } }'), `${BODY}\\.replacements\\.placeholder: it is missing`],
    [body(`{ placeholder = "${PLACEHOLDER}" }`), `${BODY}\\.replacements\\.secret: it is missing`],
    [body(one('FIFTEEN-LETTERS')), `${BODY}\\.replacements\\.placeholder: it must have from 16 to 256`],
    [body(one('x'.repeat(257))), 'from 16 to 256'],
    [body(one('PLACEHOLDER-012é')), 'printable ASCII'],
    [body(`${one()}, ${one()}`), `${BODY}\\.replacements: it has a placeholder that is, or contains, another`],
    [body(`${one()}, ${one(`a${PLACEHOLDER}b`)}`), 'is, or contains, another'],
    [body(one(PLACEHOLDER, '{ file = "s" }')), `${BODY}\\.replacements\\.secret\\.file: it must be an absolute path`],
    [body(one(), ', port = 0'), `${BODY}\\.port: it must be a number from 1 to 65535`],
    [body(one(), ', max_body_bytes = 16777217'), `${BODY}\\.max_body_bytes: it must be a number from 0 to 16777216`],
    [aws({ zzz: '1' }), 'unknown field `zzz`'],
    [aws({ placeholder_access_key_id: undefined }), `${SIGN}\\.placeholder_access_key_id: it is missing`],
    [aws({ placeholder_access_key_id: '"a/b"' }), `${SIGN}\\.placeholder_access_key_id: it must be printable`],
    [aws({ placeholder_access_key_id: '""' }), `${SIGN}\\.placeholder_access_key_id`],
    [aws({ region: undefined }), `${SIGN}\\.region: it is missing`],
    [aws({ region: '"eu/west"' }), `${SIGN}\\.region: it must be letters`],
    [aws({ service: '"*"' }), `${SIGN}\\.service: it must be letters`],
    [aws({ access_key_id: undefined }), `${SIGN}\\.access_key_id: it is missing`],
    [aws({ secret_access_key: '"key"' }), `${SIGN}\\.secret_access_key must be a table`],
    [aws({ session_token: '{}' }), `${SIGN}\\.session_token: it needs exactly one`],
    [aws({ port: '70000' }), `${SIGN}\\.port: it must be a number`],
    [aws({ max_body_bytes: '"1"' }), `${SIGN}\\.max_body_bytes: it must be a number`],
  ];
  for (const [text, message] of rows) t.throws(() => read(text), { message: new RegExp(message) }, text);
  for (const text of [aws(), body(one())])
    t.throws(() => read(text, false), { message: 'scoped MITM actions require network.mitm.version = 2' });
});
