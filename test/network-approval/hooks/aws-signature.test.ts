import t from 'tap';
import { authorizationOf, queryPairs, sha256 } from '../../../server/network-approval/hooks/aws-signature.js';

/** AWS' own test suite of Signature Version 4: its key, its host and its signatures. */
const SUITE = { id: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const SUITE_SCOPE = { date: '20150830T123600Z', region: 'us-east-1', service: 'service' };

/** The examples of "Signature Calculations for the Authorization Header", Amazon S3 API Reference. */
const S3 = { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const S3_SCOPE = { date: '20130524T000000Z', region: 'us-east-1', service: 's3' };

type Row = readonly [
  title: string,
  target: string,
  more: readonly (readonly [name: string, value: string])[],
  body: string,
  signature: string,
];

const TOKEN =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';

const SUITE_ROWS: readonly Row[] = [
  ['get-vanilla', 'GET /', [], '', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  [
    'get-vanilla-query-order-key-case',
    'GET /?Param2=value2&Param1=value1',
    [],
    '',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  ['post-vanilla', 'POST /', [], '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'get-header-value-trim',
    'GET /',
    [
      ['my-header1', 'value1'],
      ['my-header2', '"a   b   c"'],
    ],
    '',
    'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  ],
  ['get-utf8', 'GET /ሴ', [], '', '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85'],
  [
    'get-unreserved',
    'GET /-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
    [],
    '',
    '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  ],
  ['get-slash', 'GET //', [], '', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['get-slashes', 'GET //example//', [], '', '9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84'],
  ['get-space', 'GET /example space/', [], '', '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741'],
  [
    'get-vanilla-utf8-query',
    'GET /?%E1%88%B4=bar',
    [],
    '',
    '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
  ],
  [
    'post-x-www-form-urlencoded',
    'POST /',
    [['content-type', 'application/x-www-form-urlencoded']],
    'Param1=value1',
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
  [
    'post-sts-header-before',
    'POST /',
    [['x-amz-security-token', TOKEN]],
    '',
    '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  ],
];

const S3_ROWS: readonly Row[] = [
  [
    'GET object',
    'GET /test.txt',
    [['range', 'bytes=0-9']],
    '',
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    'PUT object, whose escape is not escaped again',
    'PUT /test%24file.text',
    [
      ['date', 'Fri, 24 May 2013 00:00:00 GMT'],
      ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
    ],
    'Welcome to Amazon S3.',
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
  [
    'GET bucket lifecycle',
    'GET /?lifecycle',
    [],
    '',
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  [
    'GET bucket, a list',
    'GET /?max-keys=2&prefix=J',
    [],
    '',
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
];

/** Octets as the proxy has them. */
const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

for (const [suite, rows, key, scope, host] of [
  ["AWS' test suite", SUITE_ROWS, SUITE, SUITE_SCOPE, 'example.amazonaws.com'],
  ['the examples of S3', S3_ROWS, S3, S3_SCOPE, 'examplebucket.s3.amazonaws.com'],
] as const) {
  t.test(suite, async (t) => {
    for (const [title, target, more, body, signature] of rows) {
      const [, method = '', path = '', query] = /^(\S+) ([^?]+)(?:\?(.*))?$/.exec(target) ?? [];
      const payload = sha256(body);
      const own = scope.service === 's3' ? [['x-amz-content-sha256', payload] as const] : [];
      const headers = [['host', host] as const, ['x-amz-date', scope.date] as const, ...own, ...more].sort(
        ([a], [b]) => (a < b ? -1 : 1),
      );
      const request = { method, path: latin1(path), query: query ?? null, headers, payload };
      const place = `${scope.date.slice(0, 8)}/us-east-1/${scope.service}/aws4_request`;
      const names = headers.map(([name]) => name).join(';');
      t.equal(
        authorizationOf(request, scope, key),
        `AWS4-HMAC-SHA256 Credential=${key.id}/${place}, SignedHeaders=${names}, Signature=${signature}`,
        title,
      );
    }
  });
}

t.test('a parameter has one escaped form, whatever the client wrote', async (t) => {
  t.strictSame(queryPairs('b=%7e%2F/&a=x+y&a=%20&c&&%c3%a9==1&%zz='), [
    ['%25zz', ''],
    ['%C3%A9', '%3D1'],
    ['a', '%20'],
    ['a', 'x%20y'],
    ['b', '~%2F%2F'],
    ['c', ''],
  ]);
  t.strictSame(queryPairs(null), []);
});
