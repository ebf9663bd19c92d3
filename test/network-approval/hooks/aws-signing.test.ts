import t from 'tap';
import { authorizationOf, sha256 } from '../../../server/network-approval/hooks/aws-signature.js';
import {
  meantRequest,
  readySigning,
  signatureFields,
  signsBody,
  type ReadySigning,
} from '../../../server/network-approval/hooks/aws-signing.js';
import { headersOf } from '../support/hooks.js';

const SIGNING: ReadySigning = {
  port: 443,
  maxBody: 100,
  placeholderId: 'AKIAPLACEHOLDER',
  region: 'eu-west-1',
  service: 'sqs',
  id: 'AKIAREAL',
  secret: 'real-secret',
  token: null,
};
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const DATE = '20260102T030405Z';
const SCOPE = '20260102/eu-west-1/sqs/aws4_request';
const FIELD = `AWS4-HMAC-SHA256 Credential=AKIAPLACEHOLDER/${SCOPE}, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`;

const meant = (...values: readonly string[]) =>
  meantRequest(headersOf(...values.map((value) => `authorization: ${value}`)), null, SIGNING);

t.test('a request that is signed with the placeholder is meant, and no other', async (t) => {
  const found = { day: '20260102', names: ['host', 'x-amz-date'] };
  t.strictSame(meant(FIELD), found);
  t.strictSame(meant(FIELD.replaceAll(', ', ',')), found, 'without blanks');
  const [credential = '', names = '', signature = ''] = FIELD.replace('AWS4-HMAC-SHA256 ', '').split(', ');
  t.strictSame(meant(`AWS4-HMAC-SHA256 ${names}, ${credential}, ${signature}`), found, 'in another order');
  for (const other of [
    'Bearer x',
    FIELD.replace('PLACEHOLDER', 'OTHER'),
    'AWS AKIAPLACEHOLDER:c2ln',
    'Bearer xAKIAPLACEHOLDER/',
    'AKIAPLACEHOLDER',
  ])
    t.equal(meant(other), null, other);
  t.equal(meant(), null);
  t.equal(meantRequest(headersOf(`x-other: ${FIELD}`), 'a=AKIAPLACEHOLDER/', SIGNING), null);
});

t.test('a signature that is meant and has another form is refused', async (t) => {
  const rows = [
    FIELD.replace('eu-west-1', 'eu-west-2'),
    FIELD.replace('/sqs/', '/s3/'),
    FIELD.replace('aws4_request', 'aws5_request'),
    FIELD.replace('20260102', '2026'),
    FIELD.replace('SHA256', 'SHA512'),
    FIELD.replace('AWS4-HMAC', 'aws4-hmac'),
    FIELD.replace('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256'),
    FIELD.replace(/0{64}/, '00'),
    FIELD.replace(/0{64}/, 'z'.repeat(64)),
    FIELD.replace('host;x-amz-date', 'host'),
    FIELD.replace('host;x-amz-date', 'x-amz-date'),
    FIELD.replace('host;x-amz-date', 'x-amz-date;host'),
    FIELD.replace('host;x-amz-date', 'host;host;x-amz-date'),
    FIELD.replace('host;x-amz-date', 'Host;x-amz-date'),
    FIELD.replace('host;x-amz-date', 'host;;x-amz-date'),
    FIELD.replace('SignedHeaders=', 'Credential='),
    `${FIELD}, Extra=1`,
    `Basic ${FIELD}`,
    `x${FIELD}`,
    FIELD.replace('Credential=', 'Credential = '),
    'AKIAPLACEHOLDER/',
  ];
  for (const row of rows) t.type(meant(row), 'string', row);
  t.equal(meant(FIELD, 'Basic a'), 'it has Authorization twice');
  t.equal(meant('Basic a', FIELD), 'it has Authorization twice');
});

t.test('a signature in the query is refused where it is meant, or beside one that is', async (t) => {
  const credential = (id: string): string => `X-Amz-Credential=${id}%2F20260102%2Feu-west-1%2Fsqs%2Faws4_request`;
  const query = (text: string, headers: readonly string[] = []) => meantRequest(headersOf(...headers), text, SIGNING);
  for (const text of [
    credential('AKIAPLACEHOLDER'),
    credential('%41KIAPLACEHOLDER'),
    'x-amz-%63redential=AKIAPLACEHOLDER/',
  ])
    t.equal(query(text), 'its query has a signature', text);
  t.equal(query(credential('AKIAOTHER')), null);
  for (const text of [credential('AKIAOTHER'), 'X-Amz-Signature=aa', 'x-amz-algorithm'])
    t.equal(query(text, [`authorization: ${FIELD}`]), 'its query has a signature', text);
});

/** Fields of a request with these headers behind the usual two. */
function sign(lines: readonly string[] = [], changes: Partial<ReadySigning> = {}, body: Buffer | null = null) {
  const headers = headersOf('host: a.test', `x-amz-date: ${DATE}`, ...lines);
  const names = ['host', 'x-amz-date'];
  const outgoing = { method: 'POST', path: '/q', query: 'a=1', headers, body };
  return signatureFields(outgoing, { day: '20260102', names }, { ...SIGNING, ...changes }, NOW);
}

const HEADERS = [
  ['host', 'a.test'],
  ['x-amz-date', DATE],
] as const;

const expected = (headers: readonly (readonly [string, string])[], payload: string, service = 'sqs'): string =>
  authorizationOf(
    { method: 'POST', path: '/q', query: 'a=1', headers, payload },
    { date: DATE, region: 'eu-west-1', service },
    { id: 'AKIAREAL', secret: 'real-secret' },
  );

t.test('the signature covers what is sent, with the body as it is sent', async (t) => {
  const body = Buffer.from('hello');
  t.strictSame(sign([], {}, body), [{ name: 'Authorization', value: expected(HEADERS, sha256('hello')) }]);
  t.strictSame(sign(), [{ name: 'Authorization', value: expected(HEADERS, sha256('')) }]);
  const hash = (payload: string) =>
    [
      ['host', 'a.test'],
      ['x-amz-content-sha256', payload],
      ['x-amz-date', DATE],
    ] as const;
  const replaced = sha256('hello');
  t.strictSame(
    sign([`x-amz-content-sha256: ${'a'.repeat(64)}`], {}, body),
    [
      { name: 'x-amz-content-sha256', value: replaced },
      { name: 'Authorization', value: expected(hash(replaced), replaced) },
    ],
    "the client's own hash does not count",
  );
  for (const service of ['s3', 's3express', 'aoss'])
    t.match(
      sign([], { service }, body),
      [{ value: replaced }, { value: /host;x-amz-content-sha256;x-amz-date/ }],
      service,
    );
  t.strictSame(
    sign(['x-amz-content-sha256: UNSIGNED-PAYLOAD']),
    [
      { name: 'x-amz-content-sha256', value: 'UNSIGNED-PAYLOAD' },
      { name: 'Authorization', value: expected(hash('UNSIGNED-PAYLOAD'), 'UNSIGNED-PAYLOAD') },
    ],
    'a body that is not signed can stream',
  );
  t.notOk(signsBody(headersOf('x-amz-content-sha256: UNSIGNED-PAYLOAD')));
  t.ok(signsBody(headersOf('x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER')));
});

t.test('the token is the one of the credentials, and is signed', async (t) => {
  t.match(sign(['x-amz-security-token: placeholder'], { token: 'real-token' }), [
    { name: 'x-amz-security-token', value: 'real-token' },
    { value: /SignedHeaders=host;x-amz-date;x-amz-security-token,/ },
  ]);
  t.match(sign(['x-amz-security-token: placeholder']), [{ value: /SignedHeaders=host;x-amz-date,/ }]);
});

t.test('what could be read in two ways is not signed', async (t) => {
  const rows: readonly [lines: readonly string[], problem: RegExp, changes?: Partial<ReadySigning>][] = [
    [[`x-amz-date: ${DATE}`], /date/],
    [['x-amz-content-sha256: a'], /cannot be signed/],
    [['x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD'], /cannot be signed/],
    [['x-amz-content-sha256:'], /cannot be signed/],
    [['x-amz-content-sha256: UNSIGNED-PAYLOAD', 'x-amz-content-sha256: UNSIGNED-PAYLOAD'], /cannot be signed/],
    [['x-amz-content-sha256: UNSIGNED-PAYLOAD'], /cannot be signed/, { service: 'aoss' }],
    [['host: b.test'], /more than once/],
  ];
  for (const [lines, problem, changes] of rows) t.match(sign(lines, changes), problem, lines.join());
  const named = (name: string, ...lines: readonly string[]) =>
    signatureFields(
      {
        method: 'GET',
        path: '/',
        query: null,
        headers: headersOf('host: a.test', `x-amz-date: ${DATE}`, ...lines),
        body: null,
      },
      { day: '20260102', names: ['host', 'x-amz-date', name] },
      SIGNING,
      NOW,
    );
  t.match(named('x-foo', 'x-foo: 1'), [{ value: /x-foo/ }]);
  t.match(named('x-foo'), /does not go to the upstream/);
  t.match(named('x-foo', 'x-foo: 1', 'x-foo: 2'), /more than once/);
  t.match(named('x-foo', 'x-foo: \xe9'), /ASCII/);
  t.match(named('x-amz-security-token', 'x-amz-security-token: other'), /does not go/, 'a token of other credentials');
});

t.test('a signature is of the day that its scope names, and of now', async (t) => {
  const at = (date: string, day = date.slice(0, 8)) =>
    signatureFields(
      { method: 'GET', path: '/', query: null, headers: headersOf('host: a.test', `x-amz-date: ${date}`), body: null },
      { day, names: ['host', 'x-amz-date'] },
      SIGNING,
      NOW,
    );
  for (const date of ['20260102T030405Z', '20260102T024905Z', '20260102T031905Z']) t.type(at(date), 'object', date);
  for (const date of ['20260102T024904Z', '20260102T031906Z', '20260103T030405Z', '20261302T030405Z', '20260102T0304Z'])
    t.match(at(date), /its date/, date);
  t.match(at('20260102T030405Z', '20260101'), /its date/);
});

t.test('credentials are read for each command, and an error does not show them', async (t) => {
  const places = {
    port: 443,
    maxBody: 1,
    placeholderId: 'AKIAPLACEHOLDER',
    region: 'r',
    service: 's',
    accessKeyId: { variable: 'ID' },
    secretAccessKey: { variable: 'KEY' },
    sessionToken: { variable: 'TOKEN' },
  };
  t.match(await readySigning(places, { ID: 'AKIAREAL', KEY: 'hidden-key', TOKEN: 'hidden-token' }), {
    id: 'AKIAREAL',
    secret: 'hidden-key',
    token: 'hidden-token',
  });
  t.match(await readySigning({ ...places, sessionToken: null }, { ID: 'AKIAREAL', KEY: 'k' }), { token: null });
  const rows: readonly [environment: Record<string, string>, message: RegExp][] = [
    [{ KEY: 'hidden', TOKEN: 'hidden' }, /AWS signing: the environment variable ID is missing$/],
    [{ ID: 'AKIAREAL', TOKEN: 'hidden' }, /variable KEY is missing$/],
    [{ ID: 'AKIAREAL', KEY: 'hidden' }, /variable TOKEN is missing$/],
    [{ ID: 'hidden/hidden', KEY: 'hidden', TOKEN: 'hidden' }, /variable ID is no access key$/],
    [{ ID: 'AKIAREAL', KEY: 'hidden', TOKEN: 'hidden\r\nx: y' }, /TOKEN contains what a header cannot carry$/],
    [
      { ID: 'xAKIAPLACEHOLDERx', KEY: 'hidden', TOKEN: 'hidden' },
      /the placeholder is part of the environment variable ID$/,
    ],
  ];
  for (const [environment, message] of rows) {
    const failure = readySigning(places, environment);
    await t.rejects(failure, { code: 'network.policy', message });
    await failure.catch((error: Error) => t.notMatch(error.message, 'hidden'));
  }
});
